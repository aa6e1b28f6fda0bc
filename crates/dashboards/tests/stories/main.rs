//! Dashboards on real documents and real tables: who sees what, what a save loses (nothing), and
//! what a render shows.

mod documents;
mod python;
mod render;
mod world;
