//! Who may do what: the guard, the permits it makes, and the handles through which everything above
//! reaches documents.
//!
//! A [`Permit`] is the only way to a project's documents. It is made by the [`Guard`] alone, carries
//! the project it is for, and every key it looks up starts with that project. A change needs an
//! [`Act`], which exists only once its intent is durable in the audit log.
//!
//! A permit for one action is not a permit for another, and only declared edges lead from one to
//! the next:
//!
//! ```
//! # use access::Permit; use domain::action::{EditDashboard, ViewDashboard};
//! fn look(permit: &Permit<EditDashboard>) -> Permit<ViewDashboard> { permit.weaken() }
//! ```
//!
//! ```compile_fail,E0277
//! # use access::Permit; use domain::action::{EditDashboard, ViewDashboard};
//! fn strengthen(permit: &Permit<ViewDashboard>) -> Permit<EditDashboard> { permit.weaken() }
//! ```
//!
//! It cannot be built by hand, since its fields are private:
//!
//! ```compile_fail,E0451
//! # use access::Permit; use domain::action::ViewDashboard;
//! fn forge(inner: Permit<ViewDashboard>) -> Permit<ViewDashboard> {
//!     Permit { action: std::marker::PhantomData, ..inner }
//! }
//! ```
//!
//! A read cannot become an act, so it cannot write:
//!
//! ```compile_fail,E0599
//! # use access::{AccessError, Detail, Permit}; use domain::action::QueryData;
//! async fn write(permit: Permit<QueryData>) {
//!     permit.act(None, Detail::None, |_| async { Ok::<_, AccessError>(()) }).await.ok();
//! }
//! ```
//!
//! ```
//! # use access::{AccessError, Detail, Permit}; use domain::action::WriteCollection;
//! async fn write(permit: Permit<WriteCollection>) {
//!     permit.act(None, Detail::None, |_| async { Ok::<_, AccessError>(()) }).await.ok();
//! }
//! ```

mod act;
pub mod blueprint;
mod caller;
mod error;
mod groups;
mod guard;
mod living;
mod located;
mod names;
mod narrowed;
mod permit;
pub mod projects;
mod public;
mod settings;
mod visible;

pub use act::{Act, ActError, FailureCode};
pub use caller::Caller;
pub use error::{AccessError, Refusal};
pub use groups::{GroupError, Membership, OwnGroup, Peopled};
pub use guard::Guard;
pub use living::Changed;
pub use located::{InProject, Located};
pub use permit::Permit;
pub use settings::SettingsPatch;
pub use visible::Visible;

pub use audit::{Detail, EventOutcome, Kind, Origin, Target, TargetKind};
pub use store::{Cursor, Order, PRIMARY, Page, StoreError, Stored};
