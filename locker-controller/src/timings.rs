//! Every wait of the locker driver in one place, with the arithmetic of the line.
//!
//! At 9600 8N1 a byte takes 1.04 ms: a request of 5 bytes 5.2 ms, the answer of a 24-way board to
//! query all (7 bytes) 7.3 ms. An open waits at most for the exchange that is on the line:
//!
//! ```text
//!  wire 12 bytes   13 ms
//!  reply_ms        80 ms   nothing comes: the board is dead
//!  open on wire     6 ms
//!                  -----
//!                  99 ms   from the ask to the bolt, behind a dead board
//! ```

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// From one query-all of a board to its next: a quick open and shut is not missed.
    pub poll_ms: u64,
    /// The same for a board that is down: it costs a whole time-out of the bus each time.
    pub dead_poll_ms: u64,
    /// The same for the board of a door in use: a person waits.
    pub watch_ms: u64,
    /// A board's thinking and the adapter's buffering; the wire time of both frames comes on top.
    /// 80: USB adapters hold bytes back for up to 16 ms, some twice per answer. Other hosts wait
    /// 1.5 to 2 s, but an open would wait as long behind a dead board.
    pub reply_ms: u64,
    /// The same after an open: a board may answer only when its pulse (300 ms) is over.
    pub open_reply_ms: u64,
    /// The line is quiet when nothing came for so long: what comes in two bursts is one frame.
    pub drain_quiet_ms: u64,
    /// A line that is never quiet is not waited for longer than this.
    pub drain_limit_ms: u64,
    /// After the open was sent the door must be seen open within this.
    pub release_ms: u64,
    /// A door open for longer is ajar: enough to take an envelope out and look at it.
    pub ajar_ms: u64,
    /// A door is shut when it was seen shut twice so far apart: one that does not latch springs
    /// back.
    pub settle_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    poll_ms: 500,
    dead_poll_ms: 3_000,
    watch_ms: 150,
    reply_ms: 80,
    open_reply_ms: 400,
    drain_quiet_ms: 25,
    drain_limit_ms: 300,
    release_ms: 3_000,
    ajar_ms: 90_000,
    settle_ms: 250,
};

const _: () = {
    let t = PRODUCTION;
    assert!(t.drain_quiet_ms >= gap_ms(9_600), "a drained line has had its gap");
    assert!(t.drain_quiet_ms <= t.reply_ms, "a silent exchange leaves a quiet line");
    assert!(t.drain_quiet_ms < t.drain_limit_ms);
    assert!(t.watch_ms <= t.poll_ms && t.poll_ms <= t.dead_poll_ms);
    assert!(t.release_ms > t.open_reply_ms + 3 * t.watch_ms, "several looks before a refusal");
    assert!(t.settle_ms < t.poll_ms);
    assert!(wire_ms(9_600, 12) + t.reply_ms + wire_ms(9_600, 5) < 150, "a door opens promptly");
};

/// Milliseconds that many bytes need on the line (8N1: ten bits each), rounded up.
#[must_use]
pub const fn wire_ms(baud: u32, n_bytes: u64) -> u64 {
    (n_bytes * 10_000).div_ceil(baud as u64)
}

/// Silence between two exchanges: 3.5 characters (1.75 ms at least) and 1 ms, rounded up. Without
/// it the next board loses its frame. The extra millisecond also covers a clock of milliseconds.
#[must_use]
pub const fn gap_ms(baud: u32) -> u64 {
    let chars_us = 35_000_000_u64.div_ceil(baud as u64);
    let chars_us = if chars_us < 1_750 { 1_750 } else { chars_us };
    (chars_us + 1_000).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_three_and_a_half_characters_and_a_millisecond() {
        for (baud, ms) in [(9_600, 5), (19_200, 3), (115_200, 3)] {
            assert_eq!(gap_ms(baud), ms, "{baud}");
        }
        assert_eq!(wire_ms(9_600, 5), 6);
        assert_eq!(wire_ms(9_600, 12), 13);
    }
}
