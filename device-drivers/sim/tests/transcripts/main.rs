//! Plays every transcript of every device against the driver's core and against its twin, and what
//! was just recorded on a real pty against the driver.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chip_cards;
mod code_scanner;
mod id_reader;
mod keypad;
mod locker;
mod receipt_printer;
mod recorded;
mod room;
mod wire;
