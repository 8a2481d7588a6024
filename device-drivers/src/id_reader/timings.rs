//! Every wait of the id reader driver in one place.

use super::codec::{Baud, Command, ReadKind};

/// Longest answers on the wire, in bytes, that a time-out must leave room for.
const BASE_ANSWER_LEN: u64 = 1_295;
const FINGERPRINT_ANSWER_LEN: u64 = 2_321;
const NEW_ADDRESS_ANSWER_LEN: u64 = 11 + 4 * 70;
const SHORT_ANSWER_LEN: u64 = 27;

/// Milliseconds at any rate; the wire time of the answer comes on top for slow lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Between two finds: the module wants at least 300 ms (protocol notes 1.7).
    pub poll_ms: u64,
    /// Between two looks whether a read card still lies there.
    pub present_poll_ms: u64,
    /// Between two signs of life while nobody wants to read.
    pub idle_check_ms: u64,
    /// Answer to 20 01 (advice of the notes; the field uses 100, which is short).
    pub find_ms: u64,
    /// Answer to 20 02.
    pub select_ms: u64,
    /// Answer to 30 01: the field uses 2000.
    pub base_ms: u64,
    /// Answer to 30 10.
    pub base_fingerprint_ms: u64,
    /// Answer to 30 03.
    pub new_address_ms: u64,
    /// Answer to anything else.
    pub other_ms: u64,
    /// After a time-out the line must be quiet so long before the command is sent again.
    pub drain_quiet_ms: u64,
    /// A line that is never quiet is not waited for longer than this.
    pub drain_limit_ms: u64,
    /// Between two questions to a module that cannot work.
    pub stuck_check_ms: u64,
}

/// What ships.
pub const PRODUCTION: Timings = Timings {
    poll_ms: 300,
    present_poll_ms: 500,
    idle_check_ms: 10_000,
    find_ms: 500,
    select_ms: 1_000,
    base_ms: 3_000,
    base_fingerprint_ms: 4_000,
    new_address_ms: 2_000,
    other_ms: 1_000,
    drain_quiet_ms: 50,
    drain_limit_ms: 1_000,
    stuck_check_ms: 5_000,
};

const _: () = {
    let t = PRODUCTION;
    assert!(t.poll_ms >= 300, "the module must not be polled faster");
    assert!(t.drain_quiet_ms < t.drain_limit_ms);
    assert!(t.find_ms >= 100 && t.base_ms > t.select_ms);
};

impl Timings {
    /// How long an answer to this command may take at this rate.
    #[must_use]
    pub const fn answer_ms(&self, command: Command, baud: Baud) -> u64 {
        let (usual_ms, answer_len) = match command {
            Command::Find => (self.find_ms, SHORT_ANSWER_LEN),
            Command::Select => (self.select_ms, SHORT_ANSWER_LEN),
            Command::Read(ReadKind::Base) => (self.base_ms, BASE_ANSWER_LEN),
            Command::Read(ReadKind::BaseFingerprint) => {
                (self.base_fingerprint_ms, FINGERPRINT_ANSWER_LEN)
            }
            Command::ReadNewAddress => (self.new_address_ms, NEW_ADDRESS_ANSWER_LEN),
            Command::Reset
            | Command::Status
            | Command::ReadModuleId
            | Command::SetBaud(_)
            | Command::SetRfFrameMax(_) => (self.other_ms, SHORT_ANSWER_LEN),
        };
        usual_ms + baud.wire_ms(answer_len) - Baud::B115200.wire_ms(answer_len)
    }

    /// Quiet means several byte times, also on a slow line.
    #[must_use]
    pub const fn quiet_ms(&self, baud: Baud) -> u64 {
        self.drain_quiet_ms + baud.wire_ms(16)
    }
}
