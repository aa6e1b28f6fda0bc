//! Groups of rows by columns of few values: each combination gets a number, in the order in which it is first seen.

use deltalake::arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, RecordBatch, StringArray,
};
use deltalake::arrow::datatypes::{DataType, Int32Type};
use std::collections::HashMap;
use std::sync::Arc;

/// The most combinations of two columns' values that are numbered. Beyond, a hash of the values serves better.
const PAIRS_MAX: usize = 1 << 22;

/// The values of one column are too many to be numbered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// Whether a column's values can be numbered: text as words and keys, and yes or no.
pub(super) fn can_be_numbered(kind: &DataType) -> bool {
    matches!(kind, DataType::Dictionary(..) | DataType::Boolean)
}

/// A value of such a column; none is missing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Missing,
    Text(Box<str>),
    Is(bool),
}

/// The numbers of one column's values.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    of: HashMap<Value, u32>,
    values: Vec<Value>,
    /// The words of the batch before.
    words: Option<ArrayRef>,
    /// What number each word has, or no and yes, where it was needed.
    known: Vec<Option<u32>>,
    /// The number of a missing value.
    missing: Option<u32>,
}

impl Numbers {
    fn number(&mut self, value: Value) -> u32 {
        if let Some(number) = self.of.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.of.insert(value, number);
        number
    }

    fn missing(&mut self) -> u32 {
        let number = match self.missing {
            Some(number) => number,
            None => self.number(Value::Missing),
        };
        self.missing = Some(number);
        number
    }

    /// The number of what stands at a place among the words, looked for once.
    fn at(&mut self, place: usize, value: impl FnOnce() -> Value) -> u32 {
        if let Some(number) = self.known.get(place).copied().flatten() {
            return number;
        }
        let number = self.number(value());
        if let Some(known) = self.known.get_mut(place) {
            *known = Some(number);
        }
        number
    }

    /// The number of each row's value.
    pub(super) fn all(&mut self, column: &ArrayRef, out: &mut Vec<u32>) {
        out.clear();
        out.reserve(column.len());
        if let Some(flags) = column.as_boolean_opt() {
            self.known.resize(2, None);
            for flag in flags {
                out.push(match flag {
                    Some(flag) => self.at(usize::from(flag), || Value::Is(flag)),
                    None => self.missing(),
                });
            }
            return;
        }
        let Some(keyed) = column.as_dictionary_opt::<Int32Type>() else {
            return;
        };
        let words = keyed.values();
        let same = |known: &ArrayRef| Arc::ptr_eq(known, words);
        if !self.words.as_ref().is_some_and(same) {
            self.words = Some(Arc::clone(words));
            self.known.clear();
            self.known.resize(words.len(), None);
        }
        let texts = words.as_string_opt::<i32>();
        let nulls = keyed.keys().nulls().filter(|nulls| nulls.null_count() > 0);
        for (row, key) in keyed.keys().values().iter().enumerate() {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                out.push(self.missing());
                continue;
            }
            let word = usize::try_from(*key).unwrap_or(usize::MAX);
            out.push(self.at(word, || of_word(texts, word)));
        }
    }

    /// Takes in another's values, and says what number each of them has here.
    pub(super) fn take_in(&mut self, other: Self) -> Vec<u32> {
        let values = other.values.into_iter();
        values.map(|value| self.number(value)).collect()
    }

    /// Whether a number stands for a value, not for the lack of one.
    pub(super) fn is_there(&self, number: u32) -> bool {
        let value = self
            .values
            .get(usize::try_from(number).unwrap_or(usize::MAX));
        value.is_some_and(|value| *value != Value::Missing)
    }

    /// The values of these numbers, as a column: text row by row again.
    fn column(&self, numbers: impl Iterator<Item = u32>, kind: &DataType) -> ArrayRef {
        let value = |number| {
            self.values
                .get(usize::try_from(number).unwrap_or(usize::MAX))
        };
        let values = numbers.map(value);
        if kind == &DataType::Boolean {
            let flags: BooleanArray = values
                .map(|value| match value {
                    Some(Value::Is(flag)) => Some(*flag),
                    _ => None,
                })
                .collect();
            return Arc::new(flags);
        }
        let texts: StringArray = values
            .map(|value| match value {
                Some(Value::Text(text)) => Some(text.as_ref()),
                _ => None,
            })
            .collect();
        Arc::new(texts)
    }
}

fn of_word(texts: Option<&StringArray>, word: usize) -> Value {
    let text = texts.filter(|texts| word < texts.len() && texts.is_valid(word));
    text.map_or(Value::Missing, |texts| {
        Value::Text(texts.value(word).into())
    })
}

/// Numbers of pairs of numbers, by a table of all that may be.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Cells of one row of the table: a power of two above the largest second number.
    stride: usize,
    /// One more than the number of a pair; 0 for none.
    table: Vec<u32>,
    pub(super) all: Vec<(u32, u32)>,
}

impl Pairs {
    pub(super) fn number(&mut self, pair: (u32, u32)) -> Result<u32, TooMany> {
        let (one, other) = (pair.0 as usize, pair.1 as usize);
        if other >= self.stride {
            self.widen(other)?;
        }
        let at = one * self.stride + other;
        if at >= self.table.len() {
            if at >= PAIRS_MAX {
                return Err(TooMany);
            }
            self.table.resize((one + 1) * self.stride, 0);
        }
        let cell = self.table.get_mut(at).ok_or(TooMany)?;
        if *cell == 0 {
            self.all.push(pair);
            *cell = u32::try_from(self.all.len()).map_err(|_| TooMany)?;
        }
        Ok(*cell - 1)
    }

    fn widen(&mut self, other: usize) -> Result<(), TooMany> {
        let stride = (other + 1).next_power_of_two();
        let rows = self.table.len().checked_div(self.stride).unwrap_or(0);
        if rows * stride > PAIRS_MAX {
            return Err(TooMany);
        }
        let mut table = vec![0; rows * stride];
        for (number, (one, other)) in (1..).zip(&self.all) {
            if let Some(cell) = table.get_mut(*one as usize * stride + *other as usize) {
                *cell = number;
            }
        }
        (self.stride, self.table) = (stride, table);
        Ok(())
    }
}

/// The groups of a table's rows.
#[derive(Debug)]
pub(super) struct Groups {
    /// Where the columns stand in a batch.
    places: Vec<usize>,
    columns: Vec<Numbers>,
    /// Of the columns so far, and the next one.
    pairs: Vec<Pairs>,
    ids: Vec<u32>,
    other: Vec<u32>,
}

impl Groups {
    pub(super) fn by(places: &[usize]) -> Self {
        Self {
            places: places.to_vec(),
            columns: places.iter().map(|_| Numbers::default()).collect(),
            pairs: places.iter().skip(1).map(|_| Pairs::default()).collect(),
            ids: Vec::new(),
            other: Vec::new(),
        }
    }

    /// How many there are. All rows are one where there is no column.
    pub(super) fn count(&self) -> usize {
        match (self.pairs.last(), self.columns.first()) {
            (Some(pairs), _) => pairs.all.len(),
            (None, Some(column)) => column.values.len(),
            (None, None) => 1,
        }
    }

    /// Finds the group of each row of a batch.
    pub(super) fn number(&mut self, batch: &RecordBatch) -> Result<(), TooMany> {
        let mut columns = self.columns.iter_mut().zip(&self.places);
        let Some((first, place)) = columns.next() else {
            return Ok(());
        };
        if let Some(column) = batch.columns().get(*place) {
            first.all(column, &mut self.ids);
        }
        for ((column, place), pairs) in columns.zip(&mut self.pairs) {
            if let Some(values) = batch.columns().get(*place) {
                column.all(values, &mut self.other);
            }
            for (id, other) in self.ids.iter_mut().zip(&self.other) {
                *id = pairs.number((*id, *other))?;
            }
        }
        Ok(())
    }

    /// The group of each row of the batch before; `None` where all are one.
    pub(super) fn ids(&self) -> Option<&[u32]> {
        (!self.columns.is_empty()).then_some(&self.ids)
    }

    /// Takes in another's groups, and says what number each of them has here.
    pub(super) fn take_in(&mut self, other: Self) -> Result<Vec<u32>, TooMany> {
        let columns = self.columns.iter_mut().zip(other.columns);
        let mut renumbered = columns.map(|(column, other)| column.take_in(other));
        let Some(mut ids) = renumbered.next() else {
            return Ok(vec![0]);
        };
        for ((numbers, pairs), theirs) in renumbered.zip(&mut self.pairs).zip(other.pairs) {
            let mut next = Vec::with_capacity(theirs.all.len());
            for (one, another) in theirs.all {
                let one = ids.get(one as usize).copied().ok_or(TooMany)?;
                let another = numbers.get(another as usize).copied().ok_or(TooMany)?;
                next.push(pairs.number((one, another))?);
            }
            ids = next;
        }
        Ok(ids)
    }

    /// The groups' values, column by column, in the order of their numbers.
    pub(super) fn arrays(&self, kinds: &[DataType]) -> Vec<ArrayRef> {
        let mut ids: Vec<u32> = (0..u32::try_from(self.count()).unwrap_or(u32::MAX)).collect();
        let mut arrays = Vec::with_capacity(self.columns.len());
        let kind = |at: usize| kinds.get(at).unwrap_or(&DataType::Utf8);
        for (at, column) in self.columns.iter().enumerate().skip(1).rev() {
            let pair = |id: &u32| {
                let pairs = self.pairs.get(at - 1);
                let pair = pairs.and_then(|pairs| pairs.all.get(*id as usize));
                pair.copied().unwrap_or_default()
            };
            let pairs: Vec<(u32, u32)> = ids.iter().map(pair).collect();
            arrays.push(column.column(pairs.iter().map(|pair| pair.1), kind(at)));
            ids = pairs.iter().map(|pair| pair.0).collect();
        }
        if let Some(first) = self.columns.first() {
            arrays.push(first.column(ids.into_iter(), kind(0)));
        }
        arrays.reverse();
        arrays
    }
}
