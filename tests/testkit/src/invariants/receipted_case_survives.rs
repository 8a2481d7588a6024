//! Every case whose receipt was shown is in the store, after any crash.

use std::collections::BTreeSet;

use super::Verdict;

/// Receipt numbers as 14 digits.
pub fn check(shown: &BTreeSet<String>, stored: &BTreeSet<String>) -> Verdict {
    match shown.difference(stored).next() {
        Some(lost) => Err(format!("the receipt {lost} was shown, its case is not stored")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_without_its_case_is_found() {
        let numbers = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
        assert_eq!(check(&numbers(&["1"]), &numbers(&["1", "2"])), Ok(()));
        assert!(check(&numbers(&["1", "3"]), &numbers(&["1", "2"])).is_err());
    }
}
