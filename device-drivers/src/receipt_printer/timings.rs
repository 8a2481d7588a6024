//! Every wait of the receipt printer driver in one place, and the speeds it reckons with.

use super::codec::DOTS_PER_MM;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Answer to DLE EOT, after its bytes have left. Answered at once by the printer's interrupt;
    /// the rest is for USB adapters and a busy station.
    pub answer_ms: u64,
    /// After a time-out the line must be quiet so long before the question is asked again.
    pub drain_quiet_ms: u64,
    /// A line that is never quiet is not waited for longer than this.
    pub drain_limit_ms: u64,
    /// Between two looks at a printer with nothing to do.
    pub idle_poll_ms: u64,
    /// Between two looks, and two attempts to free the cutter, at a printer that cannot work.
    pub stuck_poll_ms: u64,
    /// Between two looks while it works: a printer that reports nothing by itself is not left
    /// alone longer than this.
    pub busy_poll_ms: u64,
    /// So much of the line's time may be written ahead, so that the line never rests.
    pub line_lead_ms: u64,
    /// So much of the paper's time may be written ahead: about six lines. What is in the printer
    /// when it stops comes out with whatever is printed next, so it is kept small.
    pub paper_lead_ms: u64,
    /// As fast as the family prints. Slower printers fill their own buffer a little.
    pub fastest_mm_s: u32,
    /// As slow as they get when the head is warm and the lines are dark.
    pub slowest_mm_s: u32,
    /// A cut with its feed, and what a printer takes to begin.
    pub end_margin_ms: u64,
    /// After the end mark, before the last look: sensors of cover and cutter settle.
    pub settle_ms: u64,
    /// A stop that goes by itself (hot head, feed button) is waited for so long. A person who
    /// stands there waits no longer.
    pub hold_ms: u64,
    /// Until the rest of a torn slip has come out and the end mark behind it is answered.
    pub clean_ms: u64,
    /// After an old end mark, the newest may be so far behind: a cut lies between them.
    pub stray_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    answer_ms: 500,
    drain_quiet_ms: 50,
    drain_limit_ms: 1_000,
    idle_poll_ms: 3_000,
    stuck_poll_ms: 3_000,
    busy_poll_ms: 250,
    line_lead_ms: 20,
    paper_lead_ms: 80,
    fastest_mm_s: 300,
    slowest_mm_s: 50,
    end_margin_ms: 3_000,
    settle_ms: 50,
    hold_ms: 30_000,
    clean_ms: 15_000,
    stray_ms: 2_000,
};

const _: () = {
    let t = PRODUCTION;
    assert!(t.drain_quiet_ms < t.drain_limit_ms);
    assert!(t.slowest_mm_s < t.fastest_mm_s);
    assert!(t.stray_ms < t.clean_ms);
    // A notice of four bytes at 9600 takes 5 ms: one with its first byte lost is seen whole
    // before its rest could pass for an end mark.
    assert!(t.settle_ms > 10);
};

impl Timings {
    /// The least time that so much paper takes.
    #[must_use]
    pub const fn paper_us_min(&self, dots: u32) -> u64 {
        paper_us(dots, self.fastest_mm_s)
    }

    /// Until a slip of so much paper has come out of the slowest printer.
    #[must_use]
    pub const fn end_ms(&self, dots: u32) -> u64 {
        paper_us(dots, self.slowest_mm_s).div_ceil(1_000) + self.end_margin_ms
    }
}

const fn paper_us(dots: u32, mm_s: u32) -> u64 {
    dots as u64 * 1_000_000 / (DOTS_PER_MM as u64 * mm_s as u64)
}
