//! Routes of the accounts that programs have in a project.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, Params};
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use crate::http::routes::{Doc, Routes};
use crate::projects::wire::{PersonBody, person};
use ::access::{Detail, Order, PRIMARY, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::{ListServices, ManageServices};
use domain::entity::ServiceAccount;
use domain::id::{ServiceId, UserId};
use domain::{ProjectRole, Timestamp};
use identity::{MadeService, NewService, ServiceLife};
use keys::Secret;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A new account of a program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewServiceBody {
    /// What it is called.
    name: String,
    /// Its role in the project: `viewer` or `editor`.
    role: ProjectRole,
    /// How many days its token lives, 1 to 365.
    expires_in_days: u64,
    /// The caller's password, again.
    current_password: String,
}

/// A new token for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewBody {
    /// How many days it lives, 1 to 365.
    expires_in_days: u64,
    /// The caller's password, again.
    current_password: String,
}

/// An account of a program, without what would open anything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceBody {
    /// The id.
    id: ServiceId,
    /// What it is called.
    name: String,
    /// Its role in the project.
    role: ProjectRole,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom.
    created_by: Option<PersonBody>,
    /// When its token ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// From which address.
    last_used_from: Option<String>,
}

/// An account with a token that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeServiceBody {
    /// The account.
    #[serde(flatten)]
    account: ServiceBody,
    /// Its token, for `Authorization: Bearer`. It is shown here and never again.
    token: String,
}

impl ServiceBody {
    fn of(account: ServiceAccount, names: &HashMap<UserId, String>) -> Self {
        Self {
            created_by: person(account.created_by.as_ref(), names),
            id: account.id,
            name: account.name,
            role: account.role,
            created_at: account.created_at,
            expires_at: account.expires_at,
            last_used_at: account.last_used_at,
            last_used_from: account.last_used_from.map(|address| address.to_string()),
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1/projects/{project}/service-accounts")
        .add(
            Doc::get("", "The accounts that programs have in a project").paged::<ServiceBody>(),
            list,
        )
        .add(
            Doc::post("", "Make one; its token is shown here and never again")
                .body::<NewServiceBody>()
                .answer::<MadeServiceBody>(201),
            make,
        )
        .add(
            Doc::post(
                "/{service}/token",
                "Give one a new token; the old one ends at once",
            )
            .body::<RenewBody>()
            .answer::<MadeServiceBody>(201),
            renew,
        )
        .add(Doc::delete("/{service}", "End one of them, at once"), end)
}

async fn list(
    Allowed(permit): Allowed<ListServices>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<ServiceBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let page = permit
        .list::<ServiceAccount>(PRIMARY, &[], Order::Ascending, after.as_ref(), limit)
        .await?;
    let accounts: Vec<_> = page.items.into_iter().map(|found| found.value).collect();
    let makers = accounts.iter().filter_map(|it| it.created_by.clone());
    let names = permit.names(makers).await?;
    let items = accounts.into_iter().map(|it| ServiceBody::of(it, &names));
    Ok(ListOf::page(items.collect(), page.next.as_ref()))
}

async fn answer(
    permit: &::access::Permit<ManageServices>,
    made: MadeService,
) -> Result<(StatusCode, Json<MadeServiceBody>), Problem> {
    let names = permit.names(made.account.created_by.clone()).await?;
    let body = MadeServiceBody {
        account: ServiceBody::of(made.account, &names),
        token: made.token.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

async fn make(
    Allowed(permit): Allowed<ManageServices>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewServiceBody>,
) -> Result<(StatusCode, Json<MadeServiceBody>), Problem> {
    let new = NewService {
        name: body.name,
        role: body.role,
        life: ServiceLife {
            days: body.expires_in_days,
            current_password: Secret::new(body.current_password),
        },
    };
    let made = permit
        .act(None, Detail::None, move |act| async move {
            app.identity().make_service(&act, new).await
        })
        .await?;
    answer(&permit, made).await
}

async fn renew(
    Allowed(permit): Allowed<ManageServices>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<RenewBody>,
) -> Result<(StatusCode, Json<MadeServiceBody>), Problem> {
    let id: ServiceId = ids.get("service")?;
    let target = Target::new(TargetKind::Service, &id);
    let life = ServiceLife {
        days: body.expires_in_days,
        current_password: Secret::new(body.current_password),
    };
    let made = permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().renew_service(&act, &id, life).await
        })
        .await?;
    answer(&permit, made).await
}

async fn end(
    Allowed(permit): Allowed<ManageServices>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: ServiceId = ids.get("service")?;
    let target = Target::new(TargetKind::Service, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().end_service(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
