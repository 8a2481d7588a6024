//! What a chip card hears and says, for both sides: the driver asks, the twin answers.
//!
//! [`apdu`] is one command and its answer (ISO 7816-4), [`exchange`] the turns that one command may
//! take on the wire, [`social`] the files of a social security card.

pub mod apdu;
pub mod exchange;
pub mod social;

pub use apdu::{Answer, BadApdu, Command, StatusWord};
pub use exchange::{Exchange, Protocol, Turn};
