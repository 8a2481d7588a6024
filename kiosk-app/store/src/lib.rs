//! The station's store: what is written down stays written down, and tells a thief nothing.
//!
//! One SQLCipher database and a folder of sealed pages. [`Store::persist`] writes the core's
//! records in one transaction: the case, its event for the hall and its audit lines together.
//! The answer comes after the flush; what was answered survives a power cut.
//!
//! * [`Store::provision`] and [`Store::open`]: once, and at every start.
//! * [`Store::persist`]: the only way to write what the core decided.
//! * [`Store::find`], [`Store::record_of`], [`Store::receipt_code`]: questions about cases and codes.
//! * [`Store::next_batch`], [`Store::scans_of`]: what still has to go to the hall.
//! * [`Vault`]: pages of the open session, encrypted before they reach the disk.
//! * [`Store::rotate_wrap_key`], [`Store::erase_delivered`]: forgetting for good, every night.
//! * [`Store::audit_head`], [`Store::verify_audit`]: the chain, and that what it is about is unchanged.
//!
//! What it does not do: it decides nothing about a case beyond refusing an illegal step, it has
//! no clock (times come with the records), no network, no environment, no thread. It is blocking
//! and belongs to one named thread of the app. Which key opens what is in docs/decisions/keys.md.

#[cfg(test)]
extern crate self as kiosk_store;

mod cases;
mod devices;
mod error;
mod filing;
mod folder;
mod identity;
mod key;
mod keyed;
mod lock;
mod open;
mod outbox;
mod persist;
mod proof;
mod recover;
mod retention;
mod room;
mod rows;
mod staff;
mod store;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod tests_common;
mod trail;
mod vault;
mod wrap;

pub use cases::Answer;
pub use error::{Edited, OpenError, PersistError, Refused, StoreError};
pub use folder::STORE_KEY_FILE;
pub use identity::Identity;
pub use key::{KeyError, NoRandomness, StoreKey, new_epoch};
pub use open::Presence;
pub use room::Room;
pub use staff::Lockouts;
pub use store::{BATCH_MAX, CellFacts, HeartbeatFacts, Store};
pub use vault::{SealedPage, Vault, VaultError};
