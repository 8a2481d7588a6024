//! Every wait of the room board's driver in one place.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Answer to a command: eight bytes out and back at 9600 take 17 ms, the rest is for the board,
    /// USB adapters and a busy station.
    pub answer_ms: u64,
    /// Nothing is sent so soon after the line was busy: 3.5 characters are 3.7 ms at 9600, and
    /// 5 ms lost no frame of 564 (protocols/devices.md 1.6).
    pub gap_ms: u64,
    /// So long a silence shows that an answer broke off; adapters pause up to 5 ms within one.
    pub torn_ms: u64,
    /// After a wait that was over, so long is listened for the answer that comes late.
    pub drain_ms: u64,
    /// Nothing is sent so soon after the answer to a command that sets a relay: its contact needs
    /// 10 ms before it is read back, and if that was an echo, the true answer is still to come.
    pub settle_ms: u64,
    /// From one look at the inputs to the next. The relays are read behind each, so that one that
    /// let go by itself is known as soon.
    pub look_every_ms: u64,
    /// A relay that stays as it was is told again so often, after it was refused.
    pub again_ms: u64,
    /// An input is believed when it was seen for so long. The button: contacts bounce below 20 ms.
    pub press_ms: u64,
    /// The lobby door: it swings, and light may wait.
    pub door_ms: u64,
    /// The mains: a dip that lamps outlive is no loss.
    pub mains_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    answer_ms: 150,
    gap_ms: 5,
    torn_ms: 25,
    drain_ms: 30,
    settle_ms: 30,
    look_every_ms: 50,
    again_ms: 1_000,
    press_ms: 40,
    door_ms: 200,
    mains_ms: 500,
};

/// A press is known within this, on a line where every command is answered in time.
pub const PRESS_KNOWN_MS: u64 = 300;

/// Eight bytes out, six back, and what a board takes for itself (10 ms).
const EXCHANGE_MS: u64 = 26;

const _: () = {
    let t = PRODUCTION;
    assert!(t.gap_ms < t.torn_ms && t.torn_ms < t.answer_ms);
    // Between two looks a relay may be set first; a press just after one look is seen by the next
    // and believed at the one after it.
    let look_ms = t.look_every_ms + t.gap_ms + 2 * EXCHANGE_MS + t.settle_ms;
    assert!(2 * look_ms + EXCHANGE_MS <= PRESS_KNOWN_MS);
    assert!(t.press_ms <= t.look_every_ms && EXCHANGE_MS + t.gap_ms <= t.look_every_ms);
};
