//! Drivers for the devices of a station.
//!
//! Every driver is a codec, a core without input or output, a link and the shared pump; its twin
//! lives in `device-sim` and uses the same codec.
//! What a driver says and hears is in `device-api`; no byte of a wire crosses that border.
//!
//! ```text
//!  app ──ask──▶ handle ──▶ pump ──Input──▶ core (sans-IO)
//!  app ◀─event─ channel ◀── pump ◀─Output── core
//!                            │  ▲
//!                         write read
//!                            ▼  │
//!                            link (serial, memory)
//! ```
//!
//! This crate decides how to talk to a device and what its answers mean.
//! It does not decide what a person sees, what is recorded, or whether a card is good enough for
//! a matter: expiry, age and the like are the core's.

pub mod camera;
pub mod clock;
pub mod code_scanner;
mod crc;
pub mod id_reader;
pub mod keypad;
pub mod link;
pub mod machine;
pub mod page_printer;
pub mod pump;
pub mod receipt_printer;
pub mod room;
pub mod smart_card;
pub mod wire;
