//! Every wait of the page printer driver in one place.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Until a connection stands. On a cable of its own it takes a millisecond; a printer that
    /// wakes up takes longer.
    pub connect_ms: u64,
    /// Answer to a question. Printers think for a second or two while they draw a page.
    pub answer_ms: u64,
    /// Answer to a document, which has to get there first: a few megabytes, and a printer whose
    /// buffer is small takes them no faster than it prints.
    pub print_answer_ms: u64,
    /// Between two looks at a printer with nothing to do.
    pub idle_poll_ms: u64,
    /// Between two looks at a printer that is not there or cannot work: a person who mends it
    /// sees soon that it is noticed.
    pub down_poll_ms: u64,
    /// Between two looks at a job.
    pub follow_poll_ms: u64,
    /// A strange job is asked to go, and looked for again, after this.
    pub clean_poll_ms: u64,
    /// A strange job that is still there after so long is not waited for: a printer ends the page
    /// that it is at before it lets a job go.
    pub clean_ms: u64,
    /// Before a document, a printer that is busy by itself (warming up, copying) is waited for so
    /// long.
    pub busy_ms: u64,
    /// A printer that stops in the middle (no paper, a jam, an open cover) is waited for so long:
    /// somebody may be mending it. A person who stands there waits no longer.
    pub hold_ms: u64,
    /// A printer that does not answer in the middle of a job is waited for so long.
    pub lost_ms: u64,
    /// After a job was cancelled, until the printer says that it is gone.
    pub cancel_ms: u64,
    /// Before the first page: warming up and drawing.
    pub first_page_ms: u64,
    /// For each page: a slow inkjet takes half of it.
    pub page_ms: u64,
    /// After the end, the printer's counter may come so much later.
    pub settle_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    connect_ms: 3_000,
    answer_ms: 5_000,
    print_answer_ms: 60_000,
    idle_poll_ms: 5_000,
    down_poll_ms: 2_000,
    follow_poll_ms: 1_000,
    clean_poll_ms: 1_000,
    clean_ms: 30_000,
    busy_ms: 20_000,
    hold_ms: 120_000,
    lost_ms: 30_000,
    cancel_ms: 30_000,
    first_page_ms: 60_000,
    page_ms: 20_000,
    settle_ms: 3_000,
};

const _: () = {
    let t = PRODUCTION;
    // The link gives up a connection before the core gives up the answer: it then knows that
    // nothing was sent.
    assert!(t.connect_ms < t.answer_ms && t.answer_ms < t.print_answer_ms);
    assert!(t.follow_poll_ms < t.hold_ms && t.clean_poll_ms < t.clean_ms);
    assert!(t.answer_ms < t.lost_ms);
    assert!(t.follow_poll_ms < t.settle_ms);
};

impl Timings {
    /// A printer that works shows its next page, or without a count its last, within this.
    #[must_use]
    pub const fn pages_ms(&self, n_pages: u16) -> u64 {
        self.first_page_ms + self.page_ms * n_pages as u64
    }

    #[must_use]
    pub const fn connect(&self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }
}
