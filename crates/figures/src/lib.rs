//! Figures without Python: a form's specification becomes a question to a table, and the answer a
//! Plotly figure.
//!
//! Everything here is a pure function of its arguments, so a figure is the same wherever and
//! whenever it is drawn, and a test can look at it whole. Names of columns and values come from
//! uploaded files: whatever ends in a figure goes through [`text`] first, because Plotly reads its
//! texts as a kind of HTML and its hover texts as templates.

mod axis;
mod card;
mod draw;
mod label;
mod lookup;
mod palette;
mod plan;
mod python;
mod read;
pub mod text;

pub use card::{CardValue, card_query, card_value};
pub use draw::draw;
pub use lookup::PlanError;
pub use palette::{COLORS, Palette, palette_column, palette_values};
pub use plan::plan;
pub use python::to_python;
pub use read::DrawError;
