//! Only the columns that code can touch are read, when its source shows safely which.

use domain::{Column, ColumnType};

/// The columns of `df`, in the order of the table; none for all of them.
///
/// `allowed` are those the component names itself, which `df` has whatever the code reads.
pub(super) fn wanted(
    code: &str,
    allowed: Option<&[String]>,
    table: &[Column],
) -> Option<Vec<String>> {
    let names: Vec<&str> = match allowed {
        Some(allowed) => allowed.iter().map(String::as_str).collect(),
        None => table.iter().map(|column| column.name.as_str()).collect(),
    };
    let all = || allowed.map(<[String]>::to_vec);
    let Some(used) = sandbox::columns_used(code, &names) else {
        return all();
    };
    let mut wanted: Vec<String> = names
        .iter()
        .filter(|name| used.contains(**name))
        .map(|name| (*name).to_owned())
        .collect();
    if wanted.is_empty() {
        // Only the number of rows counts, which any column tells.
        let cheapest = table
            .iter()
            .filter(|column| names.contains(&column.name.as_str()))
            .min_by_key(|column| width(column.kind));
        match cheapest {
            Some(column) => wanted.push(column.name.clone()),
            None => return all(),
        }
    }
    if wanted.len() == names.len() {
        return all();
    }
    Some(wanted)
}

/// Bytes of a value, about.
fn width(kind: ColumnType) -> u8 {
    match kind {
        ColumnType::Bool => 1,
        ColumnType::Date => 4,
        ColumnType::Category => 5,
        ColumnType::Int64
        | ColumnType::Float64
        | ColumnType::Timestamp
        | ColumnType::TimestampTz => 8,
        ColumnType::String => 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<Column> {
        [
            ("name", ColumnType::String),
            ("mass", ColumnType::Float64),
            ("alive", ColumnType::Bool),
        ]
        .map(|(name, kind)| Column {
            name: name.to_owned(),
            kind,
        })
        .to_vec()
    }

    fn names(wanted: &[&str]) -> Option<Vec<String>> {
        Some(wanted.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_the_code_names_is_read_and_all_when_it_cannot_be_seen() {
        let table = table();
        let fig = "fig = px.histogram(df, x='mass')";
        assert_eq!(wanted(fig, None, &table), names(&["mass"]));
        assert_eq!(wanted("fig = px.bar(df.describe())", None, &table), None);
        assert_eq!(
            wanted("other = df\nfig = px.bar(other)", None, &table),
            None
        );
    }

    #[test]
    fn only_the_number_of_rows_is_a_cheap_column() {
        let code = "fig = go.Figure(go.Indicator(value=len(df)))";
        assert_eq!(wanted(code, None, &table()), names(&["alive"]));
    }

    #[test]
    fn the_components_own_columns_are_never_exceeded() {
        let own = ["name".to_owned(), "mass".to_owned()];
        let read = wanted(
            "fig = px.bar(df, x='alive', y='mass')",
            Some(&own),
            &table(),
        );
        assert!(read.is_some_and(|read| !read.contains(&"alive".to_owned())));
        let all = wanted("fig = px.bar(df.describe())", Some(&own), &table());
        assert_eq!(all, Some(own.to_vec()));
    }
}
