//! A station that got a new disk keeps its number and begins a new epoch. Nothing of it replaces,
//! or is taken for, what the same station sent in an earlier epoch.

use kiosk_words::{CaseId, Epoch, ReceiptNo};

use super::Verdict;

/// A case: its receipt, and the life of the store that filed it.
pub type Known = (CaseId, ReceiptNo, Epoch);

/// `settled` in any store that this station has had, `at_hall` as the hall keeps them.
pub fn check(settled: impl Iterator<Item = Known>, at_hall: &[Known]) -> Verdict {
    for (case, receipt, epoch) in settled {
        match at_hall.iter().find(|(known, _, _)| *known == case) {
            None => return Err(format!("the case {case} is settled and the hall has it not")),
            Some((_, at, from)) if (*at, *from) != (receipt, epoch) => {
                return Err(format!("the hall has another case {case} of the receipt {at}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_words::StationId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_case_of_an_earlier_life_that_is_gone_or_changed_is_found() {
        let station = StationId::try_from(17).unwrap();
        let case = |n: u8, epoch: u128| {
            let receipt = ReceiptNo::new(station, u32::from(n)).unwrap();
            (CaseId::new(1, [n; 10]), receipt, Epoch(Uuid::from_u128(epoch)))
        };
        let both = [case(1, 1), case(2, 2)];
        assert_eq!(check(both.into_iter(), &both), Ok(()));
        assert!(check(both.into_iter(), &[case(1, 1)]).is_err());
        assert!(check(both.into_iter(), &[case(1, 2), case(2, 2)]).is_err());
    }
}
