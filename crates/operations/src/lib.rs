//! What the installation does by itself: the demo, mail, the removal of versions that are no longer
//! kept, and later backup and maintenance.

pub mod demo;
pub mod mail;
pub mod retention;
