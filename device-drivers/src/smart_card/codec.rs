//! What a chip card hears and says, for both sides: the driver asks, the twin answers.
//!
//! [`apdu`] is one command and its answer (ISO 7816-4), [`exchange`] the turns that one command may
//! take on the wire, [`ber`] the objects inside; [`social`] are the files of a social security card,
//! [`piv`] what a staff card knows.

pub mod apdu;
pub mod ber;
pub mod exchange;
pub mod piv;
pub mod social;

pub use apdu::{Answer, BadApdu, Command, StatusWord};
pub use exchange::{Exchange, Protocol, Turn};
