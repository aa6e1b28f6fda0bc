//! Previews while somebody builds: figures, any component, and code.

use super::dashboards::failure;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::credentials::CallerIs;
use crate::http::list::ListOf;
use crate::http::problem::Problem;
use crate::http::routes::{Doc, Routes};
use ::access::{Caller, Detail, Permit, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use dashboards::{Previewed, Shown, Tried, Versions};
use domain::action::{PreviewFigure, WriteCode};
use domain::dashboard::{Content, RenderFilter};
use domain::figure::FigureSpec;
use domain::id::CollectionId;
use domain::query::Filter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A figure to try: a form or code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewBody {
    /// The table.
    collection: CollectionId,
    /// A version; the latest when absent.
    version: Option<u64>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// The form.
    spec: Option<FigureSpec>,
    /// The code.
    code: Option<String>,
    /// A name that the client gives the editor it asks for: 1 to 64 of A-Z, a-z, 0-9, _ and -. What the same person
    /// still runs under it is ended as `cancelled`. Without one, nothing is.
    editor: Option<String>,
}

/// A figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewAnswer {
    /// Plotly's `{data, layout}`.
    figure: Value,
    /// What the code printed.
    stdout: String,
    /// It printed more than is kept.
    stdout_cut: bool,
    /// It was not computed for this request.
    cached: bool,
    /// How long it took.
    duration_ms: u64,
    /// The version it shows.
    version: Option<u64>,
    /// Rows were cut or sampled.
    truncated: bool,
}

/// A component to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComponentBody {
    /// What it shows.
    content: Content,
    /// The conditions of the page it stands on.
    #[serde(default)]
    filters: Vec<RenderFilter>,
    /// A name that the client gives the editor it asks for: 1 to 64 of A-Z, a-z, 0-9, _ and -. What the same person
    /// still runs under it is ended as `cancelled`. Without one, nothing is.
    editor: Option<String>,
}

/// A component's result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComponentAnswer {
    /// The result, by kind of component.
    result: Shown,
    /// The versions it shows, by collection.
    #[schema(value_type = Object)]
    versions: Versions,
    /// It was not computed for this request.
    cached: bool,
    /// Rows were cut or sampled.
    truncated: bool,
    /// How long it took.
    duration_ms: u64,
}

/// A form to be written as code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormBody {
    /// The table.
    collection: CollectionId,
    /// The form.
    spec: FigureSpec,
}

/// Code.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// The source.
    code: String,
}

/// Something wrong in code, found without running it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingBody {
    /// First line, from 1.
    line: u32,
    /// First column in characters, from 1.
    column: u32,
    /// Last line.
    end_line: u32,
    /// The column after the last character.
    end_column: u32,
    /// What is wrong and what to write instead.
    message: String,
    /// `syntax` or `refused`.
    code: &'static str,
}

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1/projects/{project}")
        .add(
            Doc::post("/figures/preview", "Try a figure")
                .body::<PreviewBody>()
                .answer::<PreviewAnswer>(200),
            preview,
        )
        .add(
            Doc::post("/components/preview", "Try a component")
                .body::<ComponentBody>()
                .answer::<ComponentAnswer>(200),
            component,
        )
        .add(
            Doc::post("/figures/code", "A form as Python")
                .body::<FormBody>()
                .answer::<CodeBody>(200),
            code,
        )
        .add(
            Doc::post(
                "/figures/check",
                "What is wrong in code, without running it",
            )
            .body::<CodeBody>()
            .list::<FindingBody>(),
            check,
        )
}

/// Tries one content; code asks for the permit to write it.
async fn try_content(
    app: &App,
    caller: &Caller,
    permit: &Permit<PreviewFigure>,
    tried: Tried,
) -> Result<Previewed, Problem> {
    let code = match &tried.content {
        Content::Code { .. } => {
            let project = permit.project_id()?;
            Some(app.guard().on_project::<WriteCode>(caller, project).await?)
        }
        _ => None,
    };
    let tried = app
        .dashboards()
        .preview(permit, tried, code.as_ref())
        .await?;
    tried.map_err(failure)
}

async fn preview(
    Allowed(permit): Allowed<PreviewFigure>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    JsonBody(body): JsonBody<PreviewBody>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let PreviewBody {
        collection,
        version,
        filters,
        spec,
        code,
        editor,
    } = body;
    let filters = filters
        .into_iter()
        .map(|filter| RenderFilter {
            collection: Some(collection.clone()),
            column: filter.column,
            op: filter.op,
            value: filter.value,
            values: filter.values,
        })
        .collect();
    let content = match (spec, code) {
        (Some(spec), None) => Content::Figure {
            collection,
            version,
            spec,
        },
        (None, Some(code)) => Content::Code {
            collection,
            version,
            code,
            columns: None,
        },
        _ => return Err(Problem::invalid("/spec", "give either `spec` or `code`")),
    };
    let tried = Tried {
        content,
        filters,
        editor,
    };
    let tried = try_content(&app, &caller, &permit, tried).await?;
    let Shown::Figure {
        figure,
        stdout,
        stdout_cut,
        ..
    } = (*tried.drawn.shown).clone()
    else {
        return Err(Problem::unavailable(
            &"a figure came back as something else",
        ));
    };
    Ok(Json(PreviewAnswer {
        figure,
        stdout: stdout.unwrap_or_default(),
        stdout_cut,
        cached: tried.drawn.cached,
        duration_ms: tried.duration_ms,
        version: tried.versions.values().copied().flatten().next(),
        truncated: tried.drawn.truncated,
    }))
}

async fn component(
    Allowed(permit): Allowed<PreviewFigure>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    JsonBody(body): JsonBody<ComponentBody>,
) -> Result<Json<ComponentAnswer>, Problem> {
    let tried = Tried {
        content: body.content,
        filters: body.filters,
        editor: body.editor,
    };
    let tried = try_content(&app, &caller, &permit, tried).await?;
    Ok(Json(ComponentAnswer {
        result: (*tried.drawn.shown).clone(),
        versions: tried.versions,
        cached: tried.drawn.cached,
        truncated: tried.drawn.truncated,
        duration_ms: tried.duration_ms,
    }))
}

async fn code(
    Allowed(permit): Allowed<WriteCode>,
    State(app): State<App>,
    JsonBody(body): JsonBody<FormBody>,
) -> Result<Json<CodeBody>, Problem> {
    let found = permit
        .weaken::<domain::action::QueryData>()
        .locate::<domain::entity::Collection>(&body.collection)
        .await?
        .ok_or_else(|| Problem::invalid("/collection", "there is no such collection here"))?;
    permit.note(
        Some(Target::new(TargetKind::Collection, &found.id)),
        Detail::None,
    )?;
    let columns = match app.collections().latest(&found).await? {
        Some(latest) => latest.columns,
        None => found.columns.clone(),
    };
    Ok(Json(CodeBody {
        code: figures::to_python(&body.spec, &columns),
    }))
}

async fn check(
    Allowed(permit): Allowed<WriteCode>,
    State(app): State<App>,
    JsonBody(body): JsonBody<CodeBody>,
) -> Result<Json<ListOf<FindingBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let limits = *app.code_limits();
    // Reading takes a stack of its own and up to some milliseconds: not on a thread that serves others.
    let found = tokio::task::spawn_blocking(move || sandbox::check_within(&body.code, &limits))
        .await
        .map_err(|error| Problem::unavailable(&error))?;
    let items = found
        .into_iter()
        .map(|finding| FindingBody {
            line: finding.line,
            column: finding.column,
            end_line: finding.end_line,
            end_column: finding.end_column,
            message: finding.message,
            code: match finding.code {
                sandbox::FindingCode::Syntax => "syntax",
                sandbox::FindingCode::Refused => "refused",
            },
        })
        .collect();
    Ok(ListOf::all(items))
}
