//! What went over a wire a moment ago, as staff at the machine may see it.

/// Lines that are shown at most; a device that talks all the time fills them within the minute.
pub const N_LINES_MAX: usize = 240;

/// Older lines are dropped.
pub const KEPT_MS: u64 = 60_000;

/// One frame, or a piece of one. What belongs to a person was replaced by its length where the line
/// was made; nothing else of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds before it was asked for.
    pub ago_ms: u64,
    pub from: From,
    /// Bytes in hexadecimal; `·123·` stands for so many that are not shown.
    pub shown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Station,
    Device,
}
