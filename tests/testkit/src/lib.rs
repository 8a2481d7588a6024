//! The whole station on virtual time, stepped by hand in one thread.
//!
//! [`World`] holds the real `kiosk_core::Station`, the driver cores that ship of the id reader, the
//! locker, the receipt printer, the room board and the keypad, each talking bytes to its twin, and models of what lies around
//! them: the store with a disk that can be full or break, the document camera and the vault of
//! captured pages, the hall with a network in between. One seed and the acts of a test decide
//! everything; nothing sleeps.
//!
//! Acts are in the words of the people: `world.citizen().touches("办事")`,
//! `world.hall().goes_dark()`. Waits are on what can be seen, with a virtual limit. After every
//! step all [`invariants`] are checked.
//!
//! What is not here: the threads and queues of the app, SQL, keys, HTTP and pixels. They have
//! tests of their own; the models keep only what the core can notice of them.

pub mod beside;
pub mod cabinet;
pub mod canary;
mod citizen;
mod clock;
mod controls;
pub mod glass;
mod hall;
pub mod invariants;
mod keypad;
mod locker;
mod network;
mod pages;
pub mod people;
mod printer;
mod random;
mod reader;
mod room;
mod shell;
pub mod staff_cards;
mod store;
mod wire;
mod witness;
mod world;

pub use citizen::Citizen;
pub use clock::WorldClock;
pub use hall::{HallCase, ModelHall};
pub use keypad::KeypadBench;
pub use locker::{AJAR_MS, Habit, LockerBench};
pub use pages::{Lens, Paper};
pub use printer::{Print, PrinterBench};
pub use random::Random;
pub use reader::ReaderBench;
pub use room::RoomBench;
pub use store::{CommitOnCrash, Disk, ModelStore};
pub use world::{Due, LIMIT_MS, World};
