//! A sheet of an Excel workbook: its header, and its rows as text that knows what Excel called it.
//!
//! The first row that holds anything names the columns. Rows and columns that are blank throughout
//! are passed over; a value beside the columns named is a fault. What Excel shows as an error
//! (`#DIV/0!`) has no value.

use super::cell::{Candidates, is_missing};
use super::error::IngestError;
use super::reading::{Markers, Reading};
use super::rows::TextRows;
use super::workbook::unpack;
use super::{Cut, RowSink};
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use domain::limits::RequestLimits;
use objects::ScratchReader;
use std::io::BufReader;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Workbook = Xlsx<BufReader<ScratchReader>>;

/// A workbook of which one sheet was chosen and its header read.
pub(crate) struct ExcelSource {
    file: String,
    workbook: Mutex<Workbook>,
    limits: RequestLimits,
    markers: Markers,
    /// All sheets that hold cells, in the workbook's order.
    pub(crate) sheets: Vec<String>,
    /// The one chosen.
    pub(crate) sheet: String,
    pub(crate) names: Vec<String>,
    /// The header's first column.
    first: u32,
}

/// A row of a sheet: the number people see, and what stands in it.
#[derive(Default)]
struct SheetRow {
    number: u64,
    cells: Vec<(u32, Cell)>,
}

/// One cell: its text, and whether Excel holds it as text.
#[derive(Debug, Clone)]
struct Cell {
    text: String,
    is_text: bool,
}

fn column_letters(column: u32) -> String {
    let (mut left, mut letters) = (column + 1, Vec::new());
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A number so that reading it again gives the same number.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    if (1e-5..1e15).contains(&value.abs()) {
        return format!("{value}");
    }
    format!("{value:e}")
}

/// What a person sees as a date, a time or a duration, in ISO 8601.
fn moment(value: ExcelDateTime) -> String {
    let days = value.as_f64();
    if !(0.0..2_958_466.0).contains(&days) {
        return number(days);
    }
    if value.is_duration() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to lie between zero and some million days"
        )]
        let seconds = (days * 86_400.0).round() as u64;
        let (hours, rest) = (seconds / 3_600, seconds % 3_600);
        return format!("{hours:02}:{:02}:{:02}", rest / 60, rest % 60);
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let mut time = format!("{hour:02}:{minute:02}:{second:02}");
    if milli > 0 {
        time.push_str(&format!(".{milli:03}"));
    }
    if days < 1.0 {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if days.fract() == 0.0 {
        return date;
    }
    format!("{date}T{time}")
}

fn cell(value: DataRef<'_>) -> Option<Cell> {
    let (text, is_text) = match value {
        DataRef::Empty | DataRef::Error(_) => return None,
        DataRef::Int(value) => (value.to_string(), false),
        DataRef::Float(value) => (number(value), false),
        DataRef::Bool(value) => (value.to_string(), false),
        DataRef::DateTime(value) => (moment(value), false),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (text, false),
        DataRef::String(text) => (text, true),
        DataRef::SharedString(text) => (text.to_owned(), true),
    };
    (!text.trim().is_empty()).then_some(Cell { text, is_text })
}

fn bad(file: &str, line: Option<u64>, message: impl std::fmt::Display) -> IngestError {
    IngestError::bad(file, line, message.to_string())
}

fn unreadable(file: &str, error: &XlsxError) -> IngestError {
    match error {
        XlsxError::Password => bad(
            file,
            None,
            "the workbook is protected by a password: save it without one",
        ),
        error => bad(
            file,
            None,
            format!("not a readable Excel workbook: {error}"),
        ),
    }
}

impl ExcelSource {
    pub(crate) fn open(
        file: &SourceFile,
        limits: RequestLimits,
        reading: &Reading,
    ) -> Result<Self, IngestError> {
        let plain = unpack(file, limits)?.reader(0);
        let workbook = Workbook::new(BufReader::with_capacity(1 << 16, plain))
            .map_err(|error| unreadable(&file.name, &error))?;
        let sheets: Vec<String> = workbook
            .sheets_metadata()
            .iter()
            .filter(|sheet| {
                // A sheet that Excel itself does not show is looked at only when it is named.
                sheet.typ == SheetType::WorkSheet
                    && (sheet.visible == SheetVisible::Visible
                        || reading.sheet.as_ref() == Some(&sheet.name))
            })
            .map(|sheet| sheet.name.clone())
            .collect();
        let sheet = match &reading.sheet {
            Some(wanted) => sheets.iter().find(|name| *name == wanted),
            None => sheets.first(),
        };
        let Some(sheet) = sheet.cloned() else {
            return Err(IngestError::NoSuchSheet {
                file: file.name.clone(),
                sheet: reading.sheet.clone().unwrap_or_default(),
                sheets,
            });
        };
        let mut opened = Self {
            file: file.name.clone(),
            workbook: Mutex::new(workbook),
            limits,
            markers: reading.markers(),
            sheets,
            sheet,
            names: Vec::new(),
            first: 0,
        };
        opened.read_header()?;
        Ok(opened)
    }

    fn read_header(&mut self) -> Result<(), IngestError> {
        let mut header = SheetRow::default();
        self.sheet_rows(|row| {
            header = std::mem::take(row);
            Ok(Cut::Stop)
        })?;
        let ends = header.cells.first().zip(header.cells.last());
        let Some(((first, _), (last, _))) = ends else {
            return Err(IngestError::Empty {
                file: format!("{}, sheet \"{}\"", self.file, self.sheet),
            });
        };
        if u64::from(last - first) >= self.limits.table_columns_max {
            return Err(IngestError::TooManyColumns {
                file: self.file.clone(),
                columns_max: self.limits.table_columns_max,
            });
        }
        for column in *first..=*last {
            let named = header.cells.iter().find(|(at, _)| *at == column);
            let Some((_, name)) = named else {
                let letters = column_letters(column);
                let message = format!("column {letters} has no name in the header");
                return Err(bad(&self.file, Some(header.number), message));
            };
            self.names.push(name.text.trim().to_owned());
        }
        self.first = *first;
        Ok(())
    }

    fn workbook(&self) -> MutexGuard<'_, Workbook> {
        self.workbook.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives each row that holds anything to `each`, until it says to stop.
    fn sheet_rows(
        &self,
        mut each: impl FnMut(&mut SheetRow) -> Result<Cut, IngestError>,
    ) -> Result<(), IngestError> {
        let mut workbook = self.workbook();
        let mut cells = workbook
            .worksheet_cells_reader(&self.sheet)
            .map_err(|error| unreadable(&self.file, &error))?;
        let mut row = SheetRow::default();
        loop {
            let next = cells
                .next_cell()
                .map_err(|error| unreadable(&self.file, &error))?;
            let Some(found) = next else {
                break;
            };
            let (at, column) = found.get_position();
            let line = u64::from(at) + 1;
            let after = row.cells.last().is_none_or(|(before, _)| *before < column);
            if line < row.number || (line == row.number && !after) {
                let message = "the cells of the sheet are not in their order";
                return Err(bad(&self.file, Some(line), message));
            }
            if line > row.number {
                if !row.cells.is_empty() && each(&mut row)? == Cut::Stop {
                    return Ok(());
                }
                row.cells.clear();
                row.number = line;
            }
            let Some(cell) = cell(found.get_value().clone()) else {
                continue;
            };
            if cell.text.len() as u64 > self.limits.table_cell_bytes_max {
                let max = self.limits.table_cell_bytes_max;
                let message = format!("a cell has more than {max} bytes");
                return Err(bad(&self.file, Some(line), message));
            }
            row.cells.push((column, cell));
        }
        if !row.cells.is_empty() {
            each(&mut row)?;
        }
        Ok(())
    }

    /// Gives the rows below the header, a cell for each column; or what is wrong with a row.
    fn rows(
        &self,
        mut each: impl FnMut(u64, &[Option<Cell>], Option<IngestError>) -> Result<Cut, IngestError>,
    ) -> Result<(), IngestError> {
        let mut header = true;
        let mut dense: Vec<Option<Cell>> = Vec::new();
        self.sheet_rows(|row| {
            if std::mem::take(&mut header) {
                return Ok(Cut::More);
            }
            dense.clear();
            dense.resize(self.names.len(), None);
            let mut fault = None;
            for (column, cell) in row.cells.drain(..) {
                let place = column
                    .checked_sub(self.first)
                    .and_then(|place| dense.get_mut(usize::try_from(place).ok()?));
                match place {
                    Some(place) => *place = Some(cell),
                    None => {
                        let letters = column_letters(column);
                        let message = format!(
                            "there is a value in column {letters}, which the header does not name"
                        );
                        fault = Some(bad(&self.file, Some(row.number), message));
                    }
                }
            }
            each(row.number, &dense, fault)
        })
    }

    /// Gives the cells of the first `rows_max` rows, with their row, and says how many rows there were.
    pub(crate) fn look(
        &self,
        rows_max: u64,
        mut each: impl FnMut(u64, usize, &str, bool),
    ) -> Result<u64, IngestError> {
        let mut rows = 0;
        self.rows(|line, cells, fault| {
            if fault.is_none() {
                for (column, cell) in cells.iter().enumerate() {
                    let text = cell.as_ref().map_or("", |cell| cell.text.trim());
                    let is_text = cell.as_ref().is_some_and(|cell| cell.is_text);
                    each(line, column, text, is_text);
                }
            }
            rows += 1;
            Ok(if rows < rows_max {
                Cut::More
            } else {
                Cut::Stop
            })
        })?;
        Ok(rows)
    }

    /// The types that read every cell of the first `rows_max` rows, and how many rows were read. What
    /// Excel holds as text is text, whatever it looks like.
    pub(crate) fn infer(&self, rows_max: u64) -> Result<(Vec<Candidates>, u64), IngestError> {
        let mut candidates = vec![Candidates::ALL; self.names.len()];
        let rows = self.look(rows_max, |_, column, text, is_text| {
            let marked = self.markers.iter().any(|marker| marker == text);
            if let Some(candidates) = candidates.get_mut(column).filter(|_| !marked) {
                if is_text && !is_missing(text) {
                    candidates.only_text();
                } else {
                    candidates.narrow(text);
                }
            }
        })?;
        Ok((candidates, rows))
    }

    /// Reads the rows into `sink` as `schema` wants them; see the delimited file's.
    pub(crate) fn read_rows(
        &self,
        schema: &TableSchema,
        order: &[usize],
        stated: bool,
        sink: &mut dyn RowSink,
    ) -> Result<(), IngestError> {
        let mut rows = TextRows::new(&self.file, schema, order, stated, &self.markers, sink);
        self.rows(|line, cells, fault| {
            let texts = cells
                .iter()
                .map(|cell| cell.as_ref().map_or("", |cell| cell.text.as_str()));
            match fault {
                Some(error) => rows.bad(error, texts),
                None => {
                    let bytes = texts.clone().map(str::len).sum();
                    rows.push(line, texts, bytes)
                }
            }
        })?;
        rows.end()
    }
}
