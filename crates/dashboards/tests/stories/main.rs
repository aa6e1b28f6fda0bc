//! Dashboards on real documents and real tables: who sees what, what a save loses (nothing), and
//! what a render shows.

#[cfg(test)]
mod documents;
#[cfg(test)]
mod python;
#[cfg(test)]
mod render;
#[cfg(test)]
mod world;
