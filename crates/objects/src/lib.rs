//! Where bytes lie: a store of objects on the local disk, and the sealing of every object in it.
//!
//! Sealing stands between the tables and any store, so a table's data and its log are both
//! unreadable to who holds the disk or the bucket but not the key. A store knows paths and bytes;
//! it knows nothing of tables.

mod format;
mod local;
mod read;
mod scratch;
mod sealed;
mod upload;

pub use local::{local, remove_unfinished};
pub use object_store;
pub use scratch::{Scratch, ScratchReader, ScratchWriter};
pub use sealed::{Sealed, SealingKeys, keys_in_use};
