//! The words every part of Nightdesk shares, and nothing that acts.
//!
//! This crate holds values only: ids, the three kinds of time, the three state lines of a case
//! (rule R1) with their transition table, checks of numbers that people carry, masks for the
//! screen, and [`Private`], the wrapper for personal data.
//! It knows no clock, no randomness, no device and no store: whoever makes an id brings the
//! random bytes, whoever asks the time brings it.

pub mod case_state;
pub mod custody;
pub mod digest;
pub mod envelope_code;
pub mod ids;
pub mod mask;
pub mod numbers;
#[cfg(feature = "planted")]
pub mod planted;
pub mod private;
pub mod private_use;
pub mod staff;
pub mod time;

pub use case_state::{CaseState, Electronic, Handling, Originals, Outcome};
pub use custody::{CellSize, Content, OrderId, Release};
pub use digest::Digest32;
pub use envelope_code::EnvelopeCode;
pub use ids::{CaseId, Epoch, MatterId, ReceiptNo, Seq, StationId};
pub use private::Private;
pub use staff::{StaffCardNo, StaffRole};
pub use time::{ClockQuality, Moment, Now, ServiceTime, WallTime};
