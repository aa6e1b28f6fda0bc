//! Figures that a form describes.

use super::ask::{ask, misshapen};
use super::cache::Identity;
use super::line::{Drawn, Failure, Shown};
use super::session::Session;
use domain::dashboard::{Content, Flaw};
use domain::figure::FigureSpec;
use figures::Palette;

pub(super) async fn draw(
    session: &Session,
    content: &Content,
    spec: &FigureSpec,
) -> Result<Drawn, Failure> {
    let source = session.content_source(content)?;
    let snapshot = source.data()?;
    let conditions = session.conditions(source)?;
    let limits = &session.inner.settings.limits;
    let shape = figures::plan(spec, &snapshot.columns, limits)
        .map_err(|error| {
            Failure::Form(Flaw {
                pointer: format!("/content/spec{}", error.pointer),
                message: error.message,
            })
        })?
        .shape;
    let colored = figures::palette_column(spec, &snapshot.columns);
    let sources = colored
        .and_then(|column| session.colors.get(column))
        .map(Vec::as_slice)
        .unwrap_or_default();
    let palette_of: Vec<_> = sources
        .iter()
        .map(|source| (source.id(), source.version()))
        .collect();
    let parts = (&conditions.filters, &shape, spec, palette_of);
    let identity = Identity::of("figure", source.id(), snapshot.version, &parts)?;
    let compute = || async {
        let palette = match colored {
            Some(column) => session.palette(column, sources).await?,
            None => Palette::default(),
        };
        let answer = ask(session, source, &conditions, &shape).await?;
        let figure = figures::draw(
            spec,
            &snapshot.columns,
            &answer.batches,
            &palette,
            answer.truncated,
        )
        .map_err(misshapen)?;
        let shown = Shown::Figure {
            figure,
            stdout: None,
            stdout_cut: false,
            rows: answer.total_rows,
        };
        Ok((shown, answer.truncated))
    };
    session.inner.results.get(identity, compute).await
}
