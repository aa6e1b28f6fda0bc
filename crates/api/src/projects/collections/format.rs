//! The media types that rows come in, and which of them a client takes.

use crate::http::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tables::FileFormat;

/// A way to write rows as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Csv,
    Parquet,
    Arrow,
    Jsonl,
}

impl Format {
    const ALL: [Self; 4] = [Self::Csv, Self::Parquet, Self::Arrow, Self::Jsonl];

    fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Jsonl => "application/x-ndjson",
        }
    }

    /// For the header `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            other => other.media(),
        }
    }

    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrows",
            Self::Jsonl => "jsonl",
        }
    }

    /// How the tables write it; in CSV, with `guarded`, text that a spreadsheet would compute is marked.
    pub(super) fn written(self, guarded: bool) -> FileFormat {
        match self {
            Self::Csv => FileFormat::Csv { guarded },
            Self::Parquet => FileFormat::Parquet,
            Self::Arrow => FileFormat::Arrow,
            Self::Jsonl => FileFormat::JsonLines,
        }
    }

    /// The first that the client takes, in the client's order (RFC 9110, 12.5.1, without weights); none
    /// where it takes one of the `usual` ones before that, or says nothing.
    ///
    /// # Errors
    /// 406 when it takes none of them.
    pub(super) fn accepted(headers: &HeaderMap, usual: &[&str]) -> Result<Option<Self>, Problem> {
        let mut named = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|one| one.split(';').next().unwrap_or_default().trim())
            .peekable();
        if named.peek().is_none() {
            return Ok(None);
        }
        let known = |media: &str| Self::ALL.into_iter().find(|format| format.media() == media);
        let found = named.find_map(|media| match usual.contains(&media) {
            true => Some(None),
            false => known(media).map(Some),
        });
        found.ok_or_else(|| not_acceptable(usual))
    }
}

fn not_acceptable(usual: &[&str]) -> Problem {
    let usual = usual.iter().filter(|media| !media.contains('*')).copied();
    let known: Vec<&str> = usual.chain(Format::ALL.map(Format::media)).collect();
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        format!(
            "Rows can be had as {}. Name one of them in Accept.",
            known.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Result<Option<Format>, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        let usual = ["application/json", "application/*", "*/*"];
        Format::accepted(&headers, &usual).map_err(|_| 406)
    }

    #[test]
    fn the_first_that_the_client_names_and_we_have_is_taken() {
        let usual = ["application/json"];
        assert!(matches!(
            Format::accepted(&HeaderMap::new(), &usual),
            Ok(None)
        ));
        assert_eq!(accepted("*/*"), Ok(None));
        assert_eq!(accepted("application/json"), Ok(None));
        assert_eq!(
            accepted("text/html, text/csv;q=0.9, */*;q=0.8"),
            Ok(Some(Format::Csv))
        );
        assert_eq!(accepted("image/png,*/*"), Ok(None));
        assert_eq!(
            accepted("application/vnd.apache.parquet"),
            Ok(Some(Format::Parquet))
        );
        assert_eq!(accepted("text/html"), Err(406));
    }
}
