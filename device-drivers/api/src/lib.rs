//! The words the core uses for devices: what may be asked, what may be heard, and no bytes.
//!
//! Every device class has the same six words: `Capabilities`, `Status`, `Fault`, `Request`,
//! `Reply`, `Event`. A driver answers each request exactly once, with `Done` or `Refused`.

pub mod camera;
pub mod chip_photo;
pub mod code_scanner;
pub mod id_reader;
pub mod keypad;
pub mod locker;
pub mod page_printer;
pub mod receipt_printer;
pub mod room;
pub mod smart_card;
pub mod wire;

/// Names one request to one driver; chosen by the asker, unique while the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);
