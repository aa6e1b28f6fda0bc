//! Who may do what: the guard, the permits it makes, and the handles through which everything above
//! reaches documents.
//!
//! A [`Permit`] is the only way to a project's documents. It is made by the [`Guard`] alone, carries
//! the project it is for, and every key it looks up starts with that project. A change needs an
//! [`Act`], which exists only once its intent is durable in the audit log.
//!
//! ```compile_fail
//! // A permit cannot be built by hand.
//! let permit: access::Permit<domain::action::QueryData> = access::Permit { inner: todo!() };
//! ```

mod act;
mod caller;
mod error;
mod groups;
mod guard;
mod living;
mod located;
mod names;
mod permit;
pub mod projects;
mod settings;
mod visible;

pub use act::{Act, ActError, FailureCode};
pub use caller::Caller;
pub use error::{AccessError, Refusal};
pub use groups::{GroupError, Membership};
pub use guard::Guard;
pub use living::Changed;
pub use located::{InProject, Located};
pub use permit::Permit;
pub use settings::SettingsPatch;
pub use visible::Visible;

pub use audit::{Detail, Origin, Target, TargetKind};
pub use store::{Cursor, Order, PRIMARY, Page, StoreError, Stored};
