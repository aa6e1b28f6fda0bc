//! Making a token. It is shown once and nowhere else.

use super::list::TokenView;
use super::{PREFIX, PersonalTokenError};
use crate::documents::PersonalToken;
use crate::error::Unavailable;
use crate::identity::Identity;
use access::Act;
use audit::{Detail, Target, TargetKind};
use chrono::Duration;
use domain::Ceiling;
use domain::action::CreateToken;
use domain::id::{TokenId, UserId};
use domain::key::Key;
use domain::limits::RequestLimits;
use domain::name;
use keys::Secret;
use store::{Order, PRIMARY};

/// What a token is made from.
pub struct NewToken {
    /// What its person calls it.
    pub name: String,
    /// What it may at most. Whether its person sees the project is for the guard to say.
    pub ceiling: Ceiling,
    /// How many days it lives.
    pub days: u64,
    /// The password of its person.
    pub current_password: Secret<String>,
}

/// A token that was just made.
pub struct MadeToken {
    /// What is kept of it.
    pub view: TokenView,
    /// The token itself. It is nowhere else and must be shown once.
    pub token: Secret<String>,
}

impl Identity {
    /// Makes a token for the caller.
    ///
    /// # Errors
    /// When the password is wrong, or name or life are not accepted.
    pub async fn make_token(
        &self,
        act: &Act<CreateToken>,
        new: NewToken,
    ) -> Result<MadeToken, PersonalTokenError> {
        let missing = || Unavailable::Inside("a caller without an account");
        let user = act.permit().user().cloned().ok_or_else(missing)?;
        let name = name::line(&new.name, RequestLimits::default().name_chars_max)?;
        let max = self.0.limits.token_days_max;
        if !(1..=max).contains(&new.days) {
            return Err(PersonalTokenError::Days { max });
        }
        let proven = self.prove(&user, &new.current_password).await?;
        self.make_room(&user).await?;
        let secret = format!("{PREFIX}{}", keys::token(self.0.rng.as_ref()));
        let days = i64::try_from(new.days).unwrap_or(i64::MAX);
        let token = PersonalToken {
            id: TokenId::generate(self.0.clock.as_ref(), self.0.rng.as_ref()),
            user,
            name,
            ceiling: new.ceiling,
            sha256: keys::sha256(secret.as_bytes()),
            epoch: proven.credentials.value.epoch,
            created_at: act.now(),
            expires_at: act.now() + Duration::days(days),
            last_used_at: None,
            last_used_from: None,
            changed_by: act.event().clone(),
        };
        self.0.documents.insert(&token).await?;
        let detail = Detail::Token {
            ceiling: token.ceiling.clone(),
            expires_at: token.expires_at,
        };
        act.describe(Some(Target::new(TargetKind::Token, &token.id)), detail);
        Ok(MadeToken {
            view: TokenView::from(token),
            token: Secret::new(secret),
        })
    }

    /// Forgets what has expired, and refuses one more than is allowed.
    async fn make_room(&self, user: &UserId) -> Result<(), PersonalTokenError> {
        let (documents, own) = (&self.0.documents, Key::new().id(user));
        let max = self.0.limits.tokens_per_user_max;
        let page = u32::try_from(max).unwrap_or(u32::MAX);
        let all = documents.list::<PersonalToken>(PRIMARY, &own, Order::Ascending, None, page);
        let mut left = 0_u64;
        for token in all.await?.items {
            if token.value.expires_at <= self.now() {
                let key = PersonalToken::place(user, &token.value.id);
                documents.delete_prefix::<PersonalToken>(&key).await?;
            } else {
                left += 1;
            }
        }
        if left >= max {
            return Err(PersonalTokenError::TooMany { max });
        }
        Ok(())
    }
}
