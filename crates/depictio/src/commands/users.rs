//! `depictio user ...`.

use crate::house::Office;
use access::{Caller, Detail, Permit, Target, TargetKind};
use domain::SystemRole;
use domain::action::{ListUsers, ManageUsers};
use domain::entity::User;
use identity::{NewUser, UserPatch};
use serde_json::{Value, json};

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn may_manage(office: &Office) -> Result<Permit<ManageUsers>, String> {
    office
        .guard
        .on_system::<ManageUsers>(&Caller::operator())
        .map_err(words)
}

async fn find(office: &Office, email: &str) -> Result<User, String> {
    let permit = office
        .guard
        .on_system::<ListUsers>(&Caller::operator())
        .map_err(words)?;
    let found = office
        .identity
        .user_by_email(&permit, email)
        .await
        .map_err(words)?;
    found.ok_or_else(|| format!("nobody has the address {email}"))
}

pub(super) async fn add(
    office: &Office,
    email: String,
    name: String,
    role: SystemRole,
) -> Result<Value, String> {
    let password = keys::Secret::new(keys::password(&keys::SystemRng));
    let new = NewUser {
        email,
        display_name: name,
        password: password.clone(),
        role,
    };
    let identity = office.identity.clone();
    let user = may_manage(office)?
        .act(None, Detail::None, move |act| async move {
            identity.create_user(&act, new).await
        })
        .await
        .map_err(words)?;
    Ok(json!({ "id": user.id, "email": user.email, "password": password.expose() }))
}

pub(super) async fn list(office: &Office) -> Result<Value, String> {
    let permit = office
        .guard
        .on_system::<ListUsers>(&Caller::operator())
        .map_err(words)?;
    permit.note(None, Detail::None).map_err(words)?;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (users, next) = office
            .identity
            .users(&permit, after.as_ref(), 200)
            .await
            .map_err(words)?;
        all.extend(users.into_iter().map(|user| {
            json!({
                "id": user.id, "email": user.email, "name": user.display_name,
                "role": user.role, "disabled": user.disabled,
            })
        }));
        match next {
            Some(next) => after = Some(next),
            None => return Ok(Value::Array(all)),
        }
    }
}

pub(super) async fn disable(office: &Office, email: &str) -> Result<Value, String> {
    let user = find(office, email).await?;
    let identity = office.identity.clone();
    let target = Target::new(TargetKind::User, &user.id);
    let patch = UserPatch {
        disabled: Some(true),
        ..UserPatch::default()
    };
    may_manage(office)?
        .act(Some(target), Detail::None, move |act| async move {
            identity.change_user(&act, &user.id, patch).await
        })
        .await
        .map_err(words)?;
    Ok(json!({ "email": email, "disabled": true }))
}

pub(super) async fn reset_password(office: &Office, email: &str) -> Result<Value, String> {
    let user = find(office, email).await?;
    let identity = office.identity.clone();
    let target = Target::new(TargetKind::User, &user.id);
    let password = may_manage(office)?
        .act(Some(target), Detail::None, move |act| async move {
            identity.reset_password(&act, &user.id).await
        })
        .await
        .map_err(words)?;
    Ok(json!({ "email": email, "password": password.expose() }))
}
