//! `POST /projects/{project}/collections/{collection}/uploads`: files stream into the spool, counted
//! as they come, are read while they do, and become one version or nothing.

use super::retention::follow;
use super::wire::{VersionMade, locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{Params, parse};
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::action::WriteCollection;
use domain::{Column, ColumnType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tables::{
    BadRows, ColumnNote, IngestError, Mode, More, NewVersion, Preview, Reading, SourceFile, Spool,
    SpoolError,
};
use tokio::sync::oneshot;
use utoipa::ToSchema;

/// What is to become of the files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    #[serde(default)]
    mode: HowMode,
    #[serde(default)]
    dry_run: bool,
    sheet: Option<String>,
    #[serde(default)]
    bad_rows: HowBadRows,
    missing: Option<String>,
    key: Option<String>,
}

impl How {
    /// What becomes of the rows that are there.
    fn mode(&self) -> Result<Mode, Problem> {
        let key = self.key.clone().filter(|key| !key.trim().is_empty());
        let wrong = |words: &str| Err(Problem::invalid("/key", words).with_code("invalid_key"));
        match (self.mode, key) {
            (HowMode::Upsert, Some(key)) => Ok(Mode::Upsert { key }),
            (HowMode::Upsert, None) => wrong("mode=upsert needs key=COLUMN"),
            (_, Some(_)) => wrong("a key is for mode=upsert only"),
            (HowMode::Append, None) => Ok(Mode::Append),
            (HowMode::Overwrite, None) => Ok(Mode::Overwrite),
        }
    }

    /// How the files are to be read.
    fn reading(&self, app: &App) -> Result<Reading, Problem> {
        let missing: Vec<String> = self
            .missing
            .iter()
            .flat_map(|text| text.split(','))
            .map(|marker| marker.trim().to_owned())
            .filter(|marker| !marker.is_empty())
            .collect();
        let most = app.limits().upload_markers_max;
        if missing.len() as u64 > most {
            let words = format!("at most {most} markers of a missing value may be named");
            return Err(Problem::invalid("/missing", words));
        }
        Ok(Reading {
            sheet: self.sheet.clone(),
            bad_rows: match self.bad_rows {
                HowBadRows::Refuse => BadRows::Refuse,
                HowBadRows::SetAside => BadRows::SetAside,
            },
            missing,
        })
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowBadRows {
    #[default]
    Refuse,
    SetAside,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowMode {
    #[default]
    Append,
    Overwrite,
    Upsert,
}

/// What the files would become.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadPreviewBody {
    /// The columns with their types, as inferred.
    columns: Vec<Column>,
    /// The first rows, at most 100.
    rows: Vec<Map<String, Value>>,
    /// How many rows were looked at.
    rows_seen: u64,
    /// What to know of each column before its type is settled; none for files that say their types.
    notes: Vec<NoteBody>,
    /// The sheets of a workbook.
    sheets: Vec<String>,
    /// The sheet that is read; `null` for other files.
    sheet: Option<String>,
    /// Rows that do not fit among those looked at, when they are to be set aside.
    set_aside: u64,
}

/// What was seen in a column of text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteBody {
    /// The column.
    column: String,
    /// Cells without a value.
    missing: u64,
    /// What stood in them, but for nothing at all.
    markers: Vec<String>,
    /// How many different values there are, when they are few; else `null`.
    values: Option<u64>,
    /// A type that fits better than the one inferred, but for the odd cells; or `null`.
    nearly: Option<ColumnType>,
    /// How many cells do not fit it.
    odd_cells: u64,
    /// The first of them.
    odd: Vec<OddBody>,
}

/// A cell that is in the way of a type.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OddBody {
    /// Its line, or its row in a sheet.
    line: u64,
    /// What stands there.
    text: String,
}

impl From<ColumnNote> for NoteBody {
    fn from(note: ColumnNote) -> Self {
        let odd = note.odd.into_iter().map(|cell| OddBody {
            line: cell.line,
            text: cell.text,
        });
        Self {
            column: note.column,
            missing: note.missing,
            markers: note.markers,
            values: note.values,
            nearly: note.nearly,
            odd_cells: note.odd_cells,
            odd: odd.collect(),
        }
    }
}

impl From<Preview> for UploadPreviewBody {
    fn from(preview: Preview) -> Self {
        Self {
            rows: tables::json::rows(std::slice::from_ref(&preview.rows)),
            columns: preview.columns,
            rows_seen: preview.rows_seen,
            notes: preview.notes.into_iter().map(NoteBody::from).collect(),
            sheets: preview.sheets,
            sheet: preview.sheet,
            set_aside: preview.set_aside,
        }
    }
}

/// What an upload begins with: its first file, still arriving, and the types when they were said before it.
struct Begun {
    file: SourceFile,
    schema: Option<Vec<Column>>,
}

pub(super) async fn upload(
    Allowed(permit): Allowed<WriteCollection>,
    State(app): State<App>,
    ids: Ids,
    Params(how): Params<How>,
    request: Request,
) -> Result<Response, Problem> {
    let collection = locate(&permit, &ids).await?;
    let (mode, reading) = (how.mode()?, how.reading(&app)?);
    let (begin, begun) = oneshot::channel();
    let (end, more) = oneshot::channel();
    let received = async {
        tokio::select! {
            received = receive(&app, request, begin) => { let _ = end.send(received?); Ok(()) },
            () = permit.ended() => Err(Problem::not_found()),
        }
    };
    let made = async {
        // Nothing begins when nothing arrives that could; what was wrong with it is told by who receives it.
        let Begun { file, schema } = begun.await.map_err(|_| IngestError::NoFile)?;
        let new = NewVersion {
            more: Some(more),
            schema,
            reading,
            ..NewVersion::new(vec![file], mode)
        };
        if how.dry_run {
            permit.note(target(&collection), Detail::None)?;
            let preview = app.collections().inspect(&collection, new).await?;
            return Ok(Json(UploadPreviewBody::from(preview)).into_response());
        }
        let (collections, located) = (app.collections().clone(), collection.clone());
        let made = permit
            .act(target(&collection), Detail::None, move |act| async move {
                collections.upload(&act, &located, new).await
            })
            .await?;
        follow(&app, &collection);
        Ok((StatusCode::CREATED, Json(VersionMade::from(made))).into_response())
    };
    let (received, made) = tokio::join!(received, made);
    received.and(made)
}

fn too_large(app: &App) -> Problem {
    let most = app.limits().upload_bytes_max;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("The upload has more than {most} bytes, which is the most that is allowed."),
    )
}

fn cut(error: &MultipartError) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body_cut",
        format!(
            "The upload ended early or is not multipart/form-data ({error}). Nothing was changed."
        ),
    )
}

/// Takes all that arrives. Says so as soon as the first file begins, and answers what followed it.
async fn receive(
    app: &App,
    request: Request,
    begin: oneshot::Sender<Begun>,
) -> Result<More, Problem> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    // The envelope around the files is small; what is far beyond the limit is not read at all.
    if declared.is_some_and(|bytes| bytes > app.limits().upload_bytes_max + (1 << 20)) {
        return Err(too_large(app));
    }
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_multipart",
            "Send the files as multipart/form-data.",
        )
    })?;
    let (mut begin, mut more) = (Some(begin), More::default());
    let mut before = None::<Spool>;
    while let Some(part) = parts.next_field().await.map_err(|error| cut(&error))? {
        match part.name() {
            Some("file") => {
                let files_max = app.limits().upload_files_max;
                if more.files.len() as u64 + u64::from(begin.is_none()) >= files_max {
                    return Err(IngestError::TooManyFiles { files_max }.into());
                }
                let spool = match &before {
                    Some(before) => before.another(),
                    None => app.collections().spool(),
                };
                let mut spool = spool.map_err(|error| Problem::of_tables(&error))?;
                let next = spool.another();
                before = Some(next.map_err(|error| Problem::of_tables(&error))?);
                let name = part.file_name().unwrap_or("upload").to_owned();
                let file = spool.arriving(&name);
                match begin.take() {
                    Some(begin) => {
                        let schema = more.schema.take();
                        let _ = begin.send(Begun { file, schema });
                    }
                    None => more.files.push(file),
                }
                fill(app, part, &mut spool).await?;
                let ended = spool.finish(name).await;
                ended.map_err(|error| Problem::of_tables(&error))?;
            }
            Some("schema") => {
                let text = part.bytes().await.map_err(|error| cut(&error))?;
                more.schema = Some(parse::<Vec<Column>>(&text)?);
            }
            name => {
                let name = name.unwrap_or_default();
                return Err(Problem::invalid(
                    format!("/{name}"),
                    "an upload has parts `file` and `schema` only",
                ));
            }
        }
    }
    Ok(more)
}

async fn fill(app: &App, mut part: Field<'_>, into: &mut Spool) -> Result<(), Problem> {
    while let Some(chunk) = part.chunk().await.map_err(|error| cut(&error))? {
        into.write(&chunk).await.map_err(|error| match error {
            SpoolError::TooLarge { .. } => too_large(app),
            SpoolError::Failed(error) => Problem::of_tables(&error),
        })?;
    }
    Ok(())
}
