//! The two tables that are drawn from: 150 rows, and a million rows of six columns.

use std::error::Error;
use std::sync::Arc;

use arrow_array::TimestampMicrosecondArray;
use arrow_array::{Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

/// Rows of the small table.
pub(crate) const FEW: i64 = 150;
/// Rows of the large one.
pub(crate) const MANY: i64 = 1_000_000;
/// Rows of a batch, as a table's files are read.
const BATCH: i64 = 8192 * 16;

const SECOND_US: i64 = 1_000_000;
/// 2024-01-01.
const START_US: i64 = 1_704_067_200 * SECOND_US;

/// Numbers that look random and are the same each time.
fn scatter(row: i64, salt: u64) -> f64 {
    let mut x = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt;
    x ^= x >> 31;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    (x % 100_000) as f64 / 1000.0
}

/// Six columns: two of text, two of numbers with a point, one of whole numbers, one of times.
pub(crate) fn table(rows: i64) -> Result<(Schema, Vec<RecordBatch>), Box<dyn Error>> {
    let schema = Schema::new(vec![
        Field::new("group", DataType::Utf8, true),
        Field::new("site", DataType::Utf8, true),
        Field::new("a", DataType::Float64, true),
        Field::new("b", DataType::Float64, true),
        Field::new("n", DataType::Int64, true),
        Field::new(
            "when",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        ),
    ]);
    let shared = Arc::new(schema.clone());
    let mut batches = Vec::new();
    let mut from = 0;
    while from < rows {
        let range = from..rows.min(from + BATCH);
        from = range.end;
        let groups = ["Adelie", "Gentoo", "Chinstrap"];
        let columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(
                range
                    .clone()
                    .map(|row| groups.get((row % 3) as usize).copied())
                    .collect::<StringArray>(),
            ),
            Arc::new(
                range
                    .clone()
                    .map(|row| Some(format!("site {}", row * 7 % 40)))
                    .collect::<StringArray>(),
            ),
            Arc::new(
                range
                    .clone()
                    .map(|row| scatter(row, 1))
                    .collect::<Float64Array>(),
            ),
            Arc::new(
                range
                    .clone()
                    .map(|row| scatter(row, 2))
                    .collect::<Float64Array>(),
            ),
            Arc::new(range.clone().map(|row| row % 1000).collect::<Int64Array>()),
            Arc::new(
                range
                    .clone()
                    .map(|row| Some(START_US + row * SECOND_US))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ];
        batches.push(RecordBatch::try_new(Arc::clone(&shared), columns)?);
    }
    Ok((schema, batches))
}
