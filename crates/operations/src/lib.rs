//! What the installation does by itself: the demo, and later backup and maintenance.

pub mod demo;
