//! The hall accepted no case and no receipt number twice, and none that the station never filed.

use std::collections::BTreeSet;

use kiosk_words::{CaseId, ReceiptNo};

use super::Verdict;

/// `accepted` in the order of arrival; `filed` are the cases in the station's store.
pub fn check(accepted: &[(CaseId, ReceiptNo)], filed: &BTreeSet<CaseId>) -> Verdict {
    let mut cases = BTreeSet::new();
    let mut receipts = BTreeSet::new();
    for (case, receipt) in accepted {
        if !cases.insert(case) {
            return Err(format!("the hall took the case {case} twice"));
        }
        if !receipts.insert(receipt) {
            return Err(format!("the hall took the receipt {receipt} twice"));
        }
        if !filed.contains(case) {
            return Err(format!("the hall has the case {case}, the station never filed it"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_words::StationId;

    use super::*;

    fn entry(n: u8) -> (CaseId, ReceiptNo) {
        let station = StationId::try_from(17).unwrap();
        (CaseId::new(u64::from(n), [n; 10]), ReceiptNo::new(station, u32::from(n)).unwrap())
    }

    #[test]
    fn a_case_or_a_receipt_taken_twice_is_found() {
        let filed = BTreeSet::from([entry(1).0, entry(2).0]);
        assert_eq!(check(&[entry(1), entry(2)], &filed), Ok(()));
        assert!(check(&[entry(1), entry(1)], &filed).is_err());
        assert!(check(&[entry(1), (entry(2).0, entry(1).1)], &filed).is_err());
        assert!(check(&[entry(3)], &filed).is_err());
    }
}
