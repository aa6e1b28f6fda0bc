//! From byte offsets to lines and columns as people count them.

use ruff_text_size::TextRange;

use super::{Finding, FindingCode};

/// A source and where its lines begin.
pub(super) struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(source.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { source, starts }
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let column = self
            .source
            .get(start..offset)
            .map_or(0, |text| text.chars().count())
            + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    pub(super) fn finding(
        &self,
        range: TextRange,
        code: FindingCode,
        message: impl Into<String>,
    ) -> Finding {
        let (line, column) = self.place(range.start().to_usize());
        let (end_line, end_column) = self.place(range.end().to_usize());
        Finding {
            line,
            column,
            end_line,
            end_column,
            message: message.into(),
            code,
        }
    }
}
