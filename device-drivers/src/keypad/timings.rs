//! Every wait of the keypad's driver in one place.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Answer to a greeting: 20 bytes at 9600 take 21 ms, the rest is for USB adapters and a busy
    /// station.
    pub answer_ms: u64,
    /// So long a silence ends a frame that has begun. The controller sends a frame in one go.
    pub gap_ms: u64,
    /// So long without any report, and it is greeted again. It reports twice a second.
    pub silent_ms: u64,
    /// Before one that speaks another version is greeted again: somebody may exchange it.
    pub other_version_ms: u64,
    /// A plug counts as in when it was in for so long: its contacts touch on the way. Out counts
    /// at once, because what is spoken may be heard by the room.
    pub jack_settles_ms: u64,
    /// The same key again within this, after it was pressed or released, is the same press: worn
    /// contacts, not a finger.
    pub bounce_ms: u64,
    /// No finger lies on a key so long.
    pub stuck_ms: u64,
    /// Within this many milliseconds ...
    pub chatter_window_ms: u64,
    /// ... no finger presses one key more often than this: it is stuck until it was quiet for as
    /// long.
    pub n_presses_max: u32,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    answer_ms: 300,
    gap_ms: 50,
    silent_ms: 1_600,
    other_version_ms: 10_000,
    jack_settles_ms: 300,
    bounce_ms: 50,
    stuck_ms: 20_000,
    chatter_window_ms: 4_000,
    n_presses_max: 40,
};

const _: () = {
    let t = PRODUCTION;
    assert!(t.gap_ms < t.answer_ms);
    assert!(t.answer_ms < t.silent_ms);
    // Worn contacts that get past `bounce_ms` are still more than `n_presses_max`.
    assert!(t.chatter_window_ms > t.bounce_ms * t.n_presses_max as u64);
};
