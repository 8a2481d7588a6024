//! Every wait of the chip card driver in one place.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Powering a card up and being alone with it.
    pub connect_ms: u64,
    /// Answer to one command. A card may think for a second or two; `SCardTransmit` itself has no
    /// limit.
    pub answer_ms: u64,
    /// Before a card is powered up again: a hand that is still pushing it in.
    pub again_ms: u64,
    /// A staff card has power so long while its PIN is typed.
    pub waiting_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings =
    Timings { connect_ms: 4_000, answer_ms: 4_000, again_ms: 300, waiting_ms: 180_000 };

const _: () = assert!(PRODUCTION.again_ms < PRODUCTION.connect_ms);
