//! How many nights it takes to find a mistake that was made on purpose.

use kiosk_words::planted::{Bug, plant};

use crate::{Disk, play_on};

/// A mistake that is not found in so many nights is one the simulation cannot see.
pub const NIGHTS_MAX: u64 = 200;
/// The night before the first.
pub const FIRST_SEED: u64 = 0x8000;

/// A mistake of the store is made in the real one.
fn disk_for(bug: Bug) -> Disk {
    if bug == Bug::NormalSync { Disk::Real } else { Disk::Model }
}

/// The nights until this mistake broke an invariant, and the invariant. The mistake is made in the
/// whole process: one after the other.
pub fn nights_to_find(bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let found = (1..=NIGHTS_MAX).find_map(|n| {
        let broken = play_on(disk_for(bug), FIRST_SEED + n, false).err()?;
        Some((n, broken.headline().to_owned()))
    });
    plant(None);
    found
}
