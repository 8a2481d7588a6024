//! 大厅已收到 is said only of a case whose record and every page are at the hall.

use std::collections::BTreeSet;

use kiosk_words::Digest32;

use super::Verdict;

/// What is said of one case, and what the hall holds of it; `None` if it has no record.
pub fn check(
    receipt: &str,
    pages: &BTreeSet<Digest32>,
    at_hall: Option<&BTreeSet<Digest32>>,
) -> Verdict {
    let Some(at_hall) = at_hall else {
        return Err(format!("{receipt} is said to be at the hall, its record is not there"));
    };
    let missing = pages.difference(at_hall).count();
    if missing == 0 {
        Ok(())
    } else {
        Err(format!("{receipt} is said to be at the hall, {missing} page(s) are not there"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_record_or_page_is_found() {
        let pages = BTreeSet::from([Digest32([1; 32]), Digest32([2; 32])]);
        assert_eq!(check("r", &pages, Some(&pages)), Ok(()));
        assert!(check("r", &pages, None).is_err());
        assert!(check("r", &pages, Some(&BTreeSet::from([Digest32([1; 32])]))).is_err());
    }
}
