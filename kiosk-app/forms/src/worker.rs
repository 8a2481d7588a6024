//! Pages are set, and PDFs read, in a process of their own.
//!
//! ```text
//!  Worker ──stdin──► job, payload ─────► serve: one job after the other
//!         ◄─stdout── reply, payload ───         limits of memory and open files, no core dumps
//!     │ no reply in time, or it died
//!     └─► killed; the next job starts a new one
//! ```
//!
//! It decides when a job has taken too long, and that nothing a job left in memory outlives
//! [`Worker::forget`]. It does not decide what a job is about, and never does a job twice.
//!
//! The program is the one that asks, with other arguments: a station runs `kiosk forms worker`. It
//! ends with its standard input, also in the middle of a job, so none is left behind.

mod process;
mod serve;
mod wire;

pub use process::{Failure, Program, Timings, Worker};
pub use serve::serve;
pub use wire::{Answer, Characters, Job, Made, Refusal, Want};
