//! Every wait of the code scanner's driver in one place.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Answer to a command: nine bytes at 9600 take 10 ms, the rest is for USB adapters and a busy
    /// station.
    pub answer_ms: u64,
    /// So long a silence ends a text, or shows that it broke off. A scanner sends a text in one go.
    pub gap_ms: u64,
    /// After a text that broke off, or bytes that are none, so long nothing is taken for the
    /// beginning of a text: it may be the rest.
    pub distrust_ms: u64,
    /// The lamp goes out by itself after the scanner's own reading time (5 s as delivered; one
    /// source), so it is switched on again a little before.
    pub trigger_again_ms: u64,
    /// Between two looks at a scanner with nothing to do.
    pub idle_poll_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    answer_ms: 500,
    gap_ms: 200,
    distrust_ms: 1_000,
    trigger_again_ms: 4_500,
    idle_poll_ms: 10_000,
};

const _: () = {
    let t = PRODUCTION;
    assert!(t.gap_ms < t.distrust_ms);
    assert!(t.answer_ms < t.trigger_again_ms);
};
