//! Everything the station says to the hall.
//!
//! * [`tls`]: who is believed to be the hall, before and after enrolment.
//! * [`client`]: one request, one strictly checked answer.
//! * [`scans`]: one sealed page in pieces, resumed where it stopped.
//! * [`uplink`]: performs the core's `Send`.
//! * [`link`]: heartbeat and feed, two tasks that tell the core what they hear.
//! * [`cells`]: the locker as the hall's map shows it.
//!
//! When to send a batch and when to try again is the core's decision, not made here.

pub mod cells;
pub mod client;
pub mod link;
pub mod scans;
pub mod tls;
pub mod uplink;
