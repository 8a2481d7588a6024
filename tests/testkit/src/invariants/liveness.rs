//! Once the faults are over, everything gets to the hall, every door is shut and the screen sleeps.

use super::Verdict;

/// After the faults are off, all of it must be done within this.
pub const WITHIN_MS: u64 = 5 * 60_000;

/// The station after [`WITHIN_MS`] without faults and without a touch.
#[derive(Debug, Clone, Copy)]
pub struct Settled {
    pub n_unsettled: usize,
    pub n_scans_waiting: usize,
    /// A door that is not shut, by number.
    pub open_door: Option<u16>,
    pub sleeps: bool,
}

pub fn check(settled: Settled) -> Verdict {
    if settled.n_unsettled > 0 {
        return Err(format!("{} event(s) are still in the outbox", settled.n_unsettled));
    }
    if settled.n_scans_waiting > 0 {
        return Err(format!("pages of {} case(s) still wait", settled.n_scans_waiting));
    }
    if let Some(door) = settled.open_door {
        return Err(format!("door {door} stands open"));
    }
    if !settled.sleeps {
        return Err("the screen does not sleep".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_finished_is_found() {
        let done = Settled { n_unsettled: 0, n_scans_waiting: 0, open_door: None, sleeps: true };
        assert_eq!(check(done), Ok(()));
        assert!(check(Settled { n_unsettled: 1, ..done }).is_err());
        assert!(check(Settled { n_scans_waiting: 1, ..done }).is_err());
        assert!(check(Settled { open_door: Some(3), ..done }).is_err());
        assert!(check(Settled { sleeps: false, ..done }).is_err());
    }
}
