//! Twins of the station's devices: the other end of each wire, and the hand that touches them.
//!
//! [`reader`] is the card reader without a wire, for tests on virtual time, [`scanner`] the code
//! scanner, [`room`] the room board with what hangs on it, [`lock_board`] the cabinet with its bus,
//! and [`page_printer`] the A4 printer on loopback; [`port`] puts a twin on a real pty, and [`wire`] makes it speak at wire
//! speed, [`wire_log`] remembers what it said; [`desk`] is the document camera's folder; [`control`] is the HTTP interface that `devsim`
//! serves. [`specimen`] and [`paper`] are what can be laid down: all invented, all with right check
//! digits; [`face`] draws the pictures on the chips.
//!
//! A twin can be wrong on purpose ([`trouble`]) and may not be lazy: what it does not know it
//! refuses as the real device does. It is no part of a station.

pub mod any_bytes;
pub mod control;
pub mod desk;
pub mod face;
pub mod keypad;
pub mod lock_board;
pub mod page_printer;
pub mod paper;
pub mod port;
pub mod printer;
pub mod reader;
pub mod room;
pub mod scanner;
pub mod smart_card;
pub mod specimen;
pub mod trouble;
pub mod wire;
pub mod wire_log;
