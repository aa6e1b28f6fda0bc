//! Cards.

use super::ask::ask;
use super::cache::Identity;
use super::line::{Drawn, Failure, Shown};
use super::session::Session;
use domain::dashboard::{Content, Flaw};
use domain::query::Aggregate;

pub(super) async fn draw(
    session: &Session,
    content: &Content,
    aggregate: Aggregate,
    column: Option<&str>,
) -> Result<Drawn, Failure> {
    let source = session.content_source(content)?;
    let Ok(snapshot) = source.data() else {
        return match (aggregate, column) {
            (Aggregate::Count, None) => Ok(Drawn::fresh(Shown::Card {
                value: 0.into(),
                count: 0,
                value_type: domain::ColumnType::Int64,
            })),
            _ => Err(Failure::Empty),
        };
    };
    let conditions = session.conditions(source)?;
    let shape = figures::card_query(aggregate, column, &snapshot.columns)
        .map_err(|error| {
            Failure::Form(Flaw {
                pointer: format!("/content{}", error.pointer),
                message: error.message,
            })
        })?
        .shape;
    let identity = Identity::of(
        "card",
        source.id(),
        snapshot.version,
        &(&conditions.filters, &shape),
    )?;
    let compute = || async {
        let answer = ask(session, source, &conditions, &shape).await?;
        let card = figures::card_value(aggregate, column, &snapshot.columns, &answer.batches)
            .map_err(super::ask::misshapen)?;
        let shown = Shown::Card {
            value: card.value,
            count: card.count,
            value_type: card.kind,
        };
        Ok((shown, answer.truncated))
    };
    session.inner.results.get(identity, compute).await
}
