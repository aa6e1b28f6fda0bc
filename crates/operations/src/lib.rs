//! What the installation does by itself: the demo, mail, and later backup and maintenance.

pub mod demo;
pub mod mail;
