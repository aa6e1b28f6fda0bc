//! The rotation against a model of it: whatever order people, thieves and admins act in, a session
//! lives exactly when the model says so, and never again once it has ended.

use super::bench::{Bench, PASSWORD};
use crate::{SignedIn, UserPatch};
use domain::SystemRole;
use domain::entity::User;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// One step; numbers choose among what there is at that time.
#[derive(Debug, Clone)]
enum Step {
    Login,
    /// Anybody shows any refresh token that was ever given out.
    Refresh(usize),
    Wait(i64),
    Logout(usize),
    DisableAndEnable,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Login),
        8 => any::<usize>().prop_map(Step::Refresh),
        3 => proptest::sample::select(vec![1, 9, 11, 600, 90_000]).prop_map(Step::Wait),
        1 => any::<usize>().prop_map(Step::Logout),
        1 => Just(Step::DisableAndEnable),
    ];
    proptest::collection::vec(step, 1..25)
}

struct ModelSession {
    opened_at: i64,
    used_at: i64,
    ended: bool,
}

struct ModelToken {
    session: usize,
    spent_at: Option<i64>,
    /// The token it was given for.
    parent: Option<usize>,
    pair: SignedIn,
}

#[derive(Default)]
struct Model {
    now: i64,
    sessions: Vec<ModelSession>,
    tokens: Vec<ModelToken>,
}

impl Model {
    fn is_live(&self, session: usize) -> bool {
        let session = &self.sessions[session];
        !session.ended
            && self.now - session.opened_at < 7 * 24 * 3_600
            && self.now - session.used_at < 72 * 3_600
    }
}

async fn take(bench: &Bench, user: &User, model: &mut Model, step: Step) {
    let name = &user.display_name;
    match step {
        Step::Login => {
            let pair = bench.login(name, PASSWORD).await.unwrap();
            let opened_at = model.now;
            model.sessions.push(ModelSession {
                opened_at,
                used_at: opened_at,
                ended: false,
            });
            let session = model.sessions.len() - 1;
            model.tokens.push(ModelToken {
                session,
                spent_at: None,
                parent: None,
                pair,
            });
        }
        Step::Refresh(which) if !model.tokens.is_empty() => {
            let which = which % model.tokens.len();
            let shown = model.tokens[which].pair.refresh_token.expose().clone();
            let result = bench.refresh(&shown).await.ok();
            let (session, spent_at) = (model.tokens[which].session, model.tokens[which].spent_at);
            let is_live = model.is_live(session);
            let mut tokens = model.tokens.iter();
            let is_outdone = tokens.any(|t| t.parent == Some(which) && t.spent_at.is_some());
            let is_reuse = spent_at.is_some_and(|at| model.now - at > 10 || is_outdone);
            assert_eq!(result.is_some(), is_live && !is_reuse);
            if is_live && is_reuse {
                model.sessions[session].ended = true;
            }
            if let Some(pair) = result {
                model.sessions[session].used_at = model.now;
                model.tokens[which].spent_at = spent_at.or(Some(model.now));
                model.tokens.push(ModelToken {
                    session,
                    spent_at: None,
                    parent: Some(which),
                    pair,
                });
            }
        }
        Step::Wait(seconds) => {
            bench.wait(seconds);
            model.now += seconds;
        }
        Step::Logout(which) if !model.tokens.is_empty() => {
            let token = &model.tokens[which % model.tokens.len()];
            let who = bench.who(&token.pair).await;
            // Only who has a good access token can, and that no longer works once it ended.
            if let Ok(who) = who {
                bench.identity.logout(&who).await.unwrap();
                let session = token.session;
                model.sessions[session].ended = true;
            }
        }
        Step::DisableAndEnable => {
            for disabled in [true, false] {
                let patch = UserPatch {
                    disabled: Some(disabled),
                    ..UserPatch::default()
                };
                bench.patch(&user.id, patch).await.unwrap();
            }
            for session in &mut model.sessions {
                session.ended = true;
            }
        }
        Step::Refresh(_) | Step::Logout(_) => {}
    }
    for token in &model.tokens {
        // An access token that has not expired works exactly as long as its session lives.
        match bench.who(&token.pair).await {
            Ok(_) => assert!(model.is_live(token.session)),
            Err(crate::AuthError::SessionEnded) => assert!(!model.is_live(token.session)),
            Err(crate::AuthError::Token(crate::TokenError::Expired)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_of_acts_keeps_live_what_should_live_and_nothing_else() {
    let bench = Bench::new().await;
    let runtime = tokio::runtime::Handle::current();
    let mut runner = TestRunner::new(Config {
        cases: 60,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    });
    let person = std::cell::Cell::new(0);
    let result = runner.run(&steps(), |steps| {
        person.set(person.get() + 1);
        tokio::task::block_in_place(|| {
            runtime.block_on(async {
                // A person of its own for each case, so that cases do not see one another.
                let name = format!("person{}", person.get());
                let user = bench.add(&name, SystemRole::User).await.unwrap();
                let mut model = Model::default();
                take(&bench, &user, &mut model, Step::Login).await;
                for step in steps {
                    take(&bench, &user, &mut model, step).await;
                }
            });
        });
        Ok(())
    });
    result.unwrap();
}
