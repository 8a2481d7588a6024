//! Paper that was put in is never unaccounted for: it lies in a cell, in doubt or not, or the hall
//! has been told that it is not where it should be, or taken out again.

use device_api::locker::DoorNo;
use kiosk_core::custody::{CellState, Step, held};
use kiosk_words::{CaseId, CaseState, Content, Handling, Originals};

use super::Verdict;

/// The lines of every case, what the store says of every cell, and what was told of envelopes.
pub fn check<'a>(
    lines: impl Iterator<Item = (CaseId, &'a CaseState)>,
    cells: &[(DoorNo, CellState)],
    told: &[(CaseId, Step)],
) -> Verdict {
    let lies = |case: CaseId, is: fn(Content) -> bool| {
        let held = cells.iter().filter_map(|(_, state)| held(state));
        held.into_iter().any(|envelope| envelope.case == case && is(envelope.content))
    };
    let is_told = |case: CaseId| {
        let missed =
            |step: Step| matches!(step, Step::Unconfirmed | Step::Quarantined | Step::Withdrawn);
        told.iter().any(|(of, step)| *of == case && missed(*step))
    };
    for (case, state) in lines {
        let materials = state.originals != Originals::InCell
            || lies(case, |content| content == Content::Materials);
        let returned = state.originals != Originals::AwaitingReturn
            || lies(case, |content| content == Content::ReturnedOriginals);
        let result = !matches!(state.handling, Handling::AwaitingCollection { .. })
            || lies(case, |content| content == Content::Result);
        let all_there = materials && returned && result;
        if !all_there && !is_told(case) {
            return Err(format!("paper of the case {case} lies in no cell, and nobody was told"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_words::Electronic;

    use super::*;

    #[test]
    fn paper_that_is_nowhere_is_found() {
        let case = CaseId::new(1, [1; 10]);
        let (electronic, handling) = (Electronic::AtHall, Handling::AwaitingReview);
        let state = CaseState { electronic, originals: Originals::InCell, handling };
        let check = |told: &[(CaseId, Step)]| check([(case, &state)].into_iter(), &[], told);
        assert!(check(&[(case, Step::Deposited)]).is_err());
        assert_eq!(check(&[(case, Step::Deposited), (case, Step::Quarantined)]), Ok(()));
    }
}
