//! The real stores on a disk whose power is cut: what was acknowledged is there afterwards.
//!
//! * [`disk`]: what a disk keeps of what was not flushed. Pure.
//! * [`rig`] and `vfs`: the real SQLite on such a disk, without a change to the product.
//! * [`lives`]: work, cut, recovery, look, again; [`tally`]: the sum of it.
//! * [`station`]: the station's store (SQLCipher); [`hall`]: the hall's (plain SQLite, its own
//!   writer thread); [`bare`]: two tables and no product, to measure against.
//!
//! Everything is decided by one seed per disk. What is random in the products (keys, nonces) has
//! the same length every time and changes no write.
//!
//! What this does not show: cuts inside the few files that the products write with `std::fs`, a
//! disk that breaks what it has flushed, and any other file system than the one of the model.

pub mod bare;
pub mod disk;
pub mod hall;
pub mod lives;
pub mod rig;
pub mod station;
pub mod tally;
mod vfs;

pub use lives::{CUTS_PER_DISK, Which, run};
pub use tally::{Found, Tally};
