//! The words of the house: ids, roles, actions, the permission matrix, entities, queries and limits.
//!
//! Everything here is plain data and pure functions. There is no I/O, no async, no SQL and no HTTP,
//! so every rule that decides who may do what can be read, tested and proved in one place.

pub mod action;
pub mod actor;
pub mod ceiling;
pub mod code_limits;
pub mod dashboard;
pub mod decision;
pub mod document;
pub mod entity;
pub mod expression;
pub mod figure;
pub mod id;
pub mod key;
pub mod limits;
pub mod matrix;
pub mod name;
pub mod narrowing;
pub mod near;
pub mod query;
pub mod registration;
pub mod retention;
pub mod role;
pub mod room_limits;
pub mod table;
pub mod time;

pub use action::{Action, ActionName, Change, Scope, Weakens};
pub use actor::Actor;
pub use ceiling::{Ceiling, TokenScope};
pub use code_limits::ProjectCodeLimits;
pub use decision::{Because, Decision, GrantUsed, Missing, Outcome, Subject, Via, Viewing};
pub use expression::{Expression, ExpressionError};
pub use id::{
    CollectionId, DashboardId, EventId, GroupId, IdError, LinkId, ProjectId, RequestId, ServiceId,
    SessionId, TokenId, UserId,
};
pub use narrowing::{Narrowed, Narrowing};
pub use query::{Filter, FilterOp, Query, Scalar, Shape, Sort};
pub use registration::{Registration, Sharing};
pub use retention::{Leaving, Retention, Span};
pub use role::{ProjectRole, SystemRole};
pub use room_limits::RoomLimits;
pub use table::{Column, ColumnType};
pub use time::{Clock, Rng, Timestamp};
