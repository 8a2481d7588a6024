//! Whole nights at the station, each drawn from one seed: who comes with what errand, what fails
//! how often, and what everybody does then.
//!
//! * [`swarm`]: what a night is made of. Most faults are off in most nights, so that the few that
//!   are on meet in ways in which all together would never let anything get that far.
//! * [`night`]: plays it. Visits, clerks and faults until morning; then every fault is off, and the
//!   station has to come to rest.
//! * [`visit`], [`hands`]: people with an errand, and what a finger finds to do on a page.
//! * [`fault`]: what fails, by kind.
//! * [`real_store`]: nights with the station's own store beside the model, on a disk that can be cut.
//! * [`tally`]: what happened, added up over nights.
//! * `planted`, behind the feature of that name: mistakes made on purpose, to see that nights find
//!   them.
//!
//! The invariants are the world's (`testkit::invariants`); they hold after every step. A night that
//! breaks one is repeated by its seed alone. What this crate does not do: it decides nothing about
//! what is right.

pub mod fault;
pub mod hands;
pub mod night;
#[cfg(feature = "planted")]
pub mod planted;
pub mod real_store;
pub mod swarm;
pub mod tally;
pub mod visit;

pub use fault::Fault;
pub use night::{Broken, Disk, play, play_on};
pub use swarm::Swarm;
pub use tally::Tally;

/// The one line that plays a night again.
pub fn again(disk: Disk, seed: u64) -> String {
    let real = if disk == Disk::Real { " REAL=1" } else { "" };
    format!("make nights N=1 SEED={seed:#x}{real} TRACE=1")
}
