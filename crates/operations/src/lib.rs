//! What the installation does by itself: the demo, mail, the removal of versions that are no longer
//! kept, sorted copies of large tables, and later backup and maintenance.

pub mod demo;
pub mod mail;
pub mod retention;
pub mod sorting;
