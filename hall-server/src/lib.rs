//! The central hall: it takes in what stations file, lets clerks handle it, tells stations.
//!
//! * stations speak to `station_api` over mutual TLS: `enrol`, `staff_cards`, `sync`, `feed`, `scans`;
//! * clerks speak to [`console`] over HTTP on loopback;
//! * [`store`] holds everything and answers only after a commit; `ca` and `staff_ca` hold the keys.
//!
//! What the hall decides: whether an event is accepted, a duplicate or held; which certificate may
//! speak; which step of handling is legal (the table is in `kiosk-words`) and what a step of
//! [`custody`] moves. What it does not decide: which cell a paper lies in, and anything about a case
//! that neither a named clerk has done nor a station has told.
//!
//! [`serve`] starts a whole hall in this process, for the program, for tests and for the bench.

mod bells;
pub mod ca;
pub mod clock;
mod codes;
pub mod console;
pub mod custody;
pub mod dumps;
mod enrol;
mod feed;
pub mod folder;
pub mod forms;
mod net;
mod passwords;
mod prepare;
mod problem;
mod random;
mod scans;
mod serve;
pub mod staff_ca;
mod staff_cards;
mod station_api;
pub mod store;
mod sync;
pub mod tls;
pub mod workdays;

pub use clock::Clock;
pub use enrol::enrol_code;
pub use prepare::PrepareError;
pub use serve::{Options, RunningHall, ServeError, serve};
pub use staff_cards::staff_card_code;
