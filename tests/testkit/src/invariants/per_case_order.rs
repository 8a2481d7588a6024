//! Events reach the hall in the order in which they were written, and a case moves only along the
//! table of transitions.

use std::collections::BTreeMap;

use kiosk_words::{CaseId, CaseState, Seq};

use super::Verdict;

/// `arrived` in the order in which the hall accepted.
pub fn check_arrivals(arrived: &[(CaseId, Seq)]) -> Verdict {
    let mut last: BTreeMap<CaseId, Seq> = BTreeMap::new();
    for (case, seq) in arrived {
        if last.insert(*case, *seq).is_some_and(|before| before >= *seq) {
            return Err(format!("event {} of the case {case} came late", seq.0));
        }
    }
    Ok(())
}

/// One move of one case.
pub fn check_move(old: &CaseState, new: &CaseState) -> Verdict {
    let electronic = old.electronic == new.electronic || old.electronic.may_become(new.electronic);
    let originals = old.originals == new.originals || old.originals.may_become(new.originals);
    let handling = old.handling == new.handling || old.handling.may_become(&new.handling);
    if electronic && originals && handling {
        Ok(())
    } else {
        Err(format!("a case moved from {old:?} to {new:?}"))
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::{Electronic, Handling};

    use super::*;

    #[test]
    fn an_event_that_overtakes_is_found() {
        let case = CaseId::new(1, [1; 10]);
        assert_eq!(check_arrivals(&[(case, Seq(1)), (case, Seq(2))]), Ok(()));
        assert!(check_arrivals(&[(case, Seq(2)), (case, Seq(1))]).is_err());
    }

    #[test]
    fn a_move_beside_the_table_is_found() {
        let filed = CaseState::filed(false);
        let at_hall = CaseState { electronic: Electronic::AtHall, ..filed.clone() };
        assert_eq!(check_move(&filed, &at_hall), Ok(()));
        assert!(check_move(&at_hall, &filed).is_err());
        let jumped = CaseState { handling: Handling::InProgress, ..filed.clone() };
        assert!(check_move(&filed, &jumped).is_err());
    }
}
