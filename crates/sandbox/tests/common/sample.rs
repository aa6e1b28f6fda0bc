//! The data that tests run scripts on.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array as _, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

/// Sixty rows with a column of each type.
pub(crate) fn sixty_rows() -> RecordBatch {
    let n = 60_i64;
    let text = |f: &dyn Fn(i64) -> String| StringArray::from((0..n).map(f).collect::<Vec<_>>());
    let species = ["Adelie", "Gentoo", "Chinstrap"];
    let day = 86_400_000_000_i64;
    let times: Vec<i64> = (0..n).map(|i| 1_704_067_200_000_000 + i * day).collect();
    let dictionary: DictionaryArray<Int32Type> =
        (0..n).map(|i| ["low", "high"][(i % 2) as usize]).collect();
    let time =
        |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let schema = Schema::new(vec![
        Field::new("species", DataType::Utf8, true),
        Field::new("island", DataType::Utf8, true),
        Field::new("mass", DataType::Float64, true),
        Field::new("bill", DataType::Float64, true),
        Field::new("year", DataType::Int64, true),
        Field::new("ok", DataType::Boolean, true),
        Field::new("day", DataType::Date32, true),
        Field::new("when", time(None), true),
        Field::new("utc", time(Some("UTC")), true),
        Field::new("level", dictionary.data_type().clone(), true),
    ]);
    let mass = |i: i64| (i % 7 != 0).then_some(3000.0 + (i * 37 % 900) as f64);
    let bill = |i: i64| 30.0 + (i * 13 % 29) as f64 / 2.0;
    RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(text(&|i| species[(i % 3) as usize].to_owned())),
            Arc::new(text(&|i| format!("island {}", i % 4))),
            Arc::new((0..n).map(mass).collect::<Float64Array>()),
            Arc::new(Float64Array::from_iter_values((0..n).map(bill))),
            Arc::new(Int64Array::from_iter_values((0..n).map(|i| 2007 + i % 3))),
            Arc::new(BooleanArray::from(
                (0..n).map(|i| i % 2 == 0).collect::<Vec<_>>(),
            )),
            Arc::new(Date32Array::from_iter_values(
                (0..n).map(|i| 19_700 + i as i32),
            )),
            Arc::new(TimestampMicrosecondArray::from(times.clone())),
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
            Arc::new(dictionary),
        ],
    )
    .unwrap()
}

/// The same as a file in Arrow's IPC format, as one would hand it to `sandbox-run`.
#[allow(
    dead_code,
    reason = "one of the two test programs that share this needs it"
)]
pub(crate) fn write(path: &std::path::Path) {
    let batch = sixty_rows();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}
