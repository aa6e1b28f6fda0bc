//! What rows are sorted by, as whole numbers that stand in the same order.

use deltalake::arrow::array::{
    Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray,
};
use deltalake::arrow::compute::{
    SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch,
};
use deltalake::arrow::datatypes::{DataType, Float64Type, Int32Type};
use deltalake::arrow::error::ArrowError;
use std::sync::Arc;

/// Columns of a scan to sort by, `true` for descending; what is missing comes last.
pub(crate) type Order = Vec<(usize, bool)>;

/// Bytes of text that one key holds.
const CHUNK: usize = 7;

/// The first rows in an order, or all. The last column, the position, decides between equals.
pub(super) fn sorted(
    rows: &RecordBatch,
    order: &Order,
    first: Option<usize>,
) -> Result<RecordBatch, ArrowError> {
    let position = rows.num_columns().saturating_sub(1);
    let by = order.iter().copied().chain([(position, false)]);
    let by = by.filter_map(|(place, descending)| {
        Some(SortColumn {
            values: Arc::clone(rows.columns().get(place)?),
            options: Some(SortOptions {
                descending,
                nulls_first: false,
            }),
        })
    });
    let order = lexsort_to_indices(&by.collect::<Vec<_>>(), first)?;
    take_record_batch(rows, &order)
}

/// Whole numbers in the order of a column's values; the largest where one is missing.
pub(super) fn keys(column: &ArrayRef, descending: bool) -> Result<Vec<i64>, ArrowError> {
    let turned = |key: i64| if descending { !key } else { key };
    let nulls = column.nulls().filter(|nulls| nulls.null_count() > 0);
    let mut keys: Vec<i64> = match column.data_type() {
        DataType::Float64 => {
            let floats = column.as_primitive::<Float64Type>();
            // As `f64::total_cmp` orders them.
            let key = |value: &f64| {
                let bits = value.to_bits().cast_signed();
                bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
            };
            floats
                .values()
                .iter()
                .map(|value| turned(key(value)))
                .collect()
        }
        kind => {
            let through = match kind {
                DataType::Date32 => cast(column, &DataType::Int32)?,
                _ => Arc::clone(column),
            };
            let whole = cast(&through, &DataType::Int64)?;
            let whole: &Int64Array = whole.as_primitive();
            whole.values().iter().map(|value| turned(*value)).collect()
        }
    };
    if let Some(nulls) = nulls {
        for (row, key) in keys.iter_mut().enumerate() {
            if nulls.is_null(row) {
                *key = i64::MAX;
            }
        }
    }
    Ok(keys)
}

/// The same for text, of which the first `from` bytes are passed over and the next seven count. Equal keys that
/// [continue](continues) say nothing of what comes after these.
pub(super) fn text_keys(
    column: &ArrayRef,
    descending: bool,
    from: usize,
) -> Result<Vec<i64>, ArrowError> {
    let turned = |key: i64| if descending { !key } else { key };
    if let Some(words) = column.as_dictionary_opt::<Int32Type>() {
        let of_words = text_keys(words.values(), descending, from)?;
        let keys = words.keys();
        let of = |row: usize| {
            let word = keys.is_valid(row).then(|| keys.value(row));
            let word = word.and_then(|word| usize::try_from(word).ok());
            word.and_then(|word| of_words.get(word)).copied()
        };
        return Ok((0..keys.len())
            .map(|row| of(row).unwrap_or(i64::MAX))
            .collect());
    }
    let text = cast(column, &DataType::Utf8)?;
    let text: &StringArray = text.as_string();
    let keys = text.iter().map(|text| match text {
        Some(text) => turned(text_key(text.as_bytes().get(from..).unwrap_or_default())),
        None => i64::MAX,
    });
    Ok(keys.collect())
}

/// Seven bytes, and how many of them there were; eight when there are more.
fn text_key(bytes: &[u8]) -> i64 {
    let mut key = [0_u8; CHUNK + 1];
    for (slot, byte) in key.iter_mut().zip(bytes.iter().take(CHUNK)) {
        *slot = *byte;
    }
    if let Some(last) = key.last_mut() {
        *last = u8::try_from(bytes.len().min(CHUNK + 1)).unwrap_or(u8::MAX);
    }
    // The smallest unsigned number is the smallest signed one.
    (u64::from_be_bytes(key) ^ (1 << 63)).cast_signed()
}

/// Where the next key of text begins, after those whose key is this one; `None` when they are equal.
pub(super) fn continues(key: i64, descending: bool, from: usize) -> Option<usize> {
    let key = if descending { !key } else { key };
    let count = usize::from(key.to_be_bytes().last().copied().unwrap_or(0));
    (count > CHUNK).then_some(from + CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_of_text_stand_as_the_text_does(a in "[a-c\\x00é]{0,20}", b in "[a-c\\x00é]{0,20}") {
            for descending in [false, true] {
                let (mut from, mut told) = (0, std::cmp::Ordering::Equal);
                let pair: ArrayRef = Arc::new(StringArray::from(vec![a.as_str(), b.as_str()]));
                loop {
                    let keys = text_keys(&pair, descending, from).unwrap();
                    told = told.then(keys[0].cmp(&keys[1]));
                    match continues(keys[0], descending, from).filter(|_| told.is_eq()) {
                        Some(next) => from = next,
                        None => break,
                    }
                }
                prop_assert_eq!(told, if descending { b.cmp(&a) } else { a.cmp(&b) });
            }
        }
    }

    #[test]
    fn words_of_a_dictionary_have_the_keys_of_their_text() {
        let text: ArrayRef = Arc::new(StringArray::from(vec![
            Some("b"),
            None,
            Some("a"),
            Some("b"),
        ]));
        let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let words = cast(&text, &words).unwrap();
        let of = |column| text_keys(column, false, 0).unwrap();
        assert_eq!(of(&words), of(&text));
        assert_eq!(of(&text)[1], i64::MAX);
    }
}
