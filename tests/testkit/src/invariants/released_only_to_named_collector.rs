//! What a citizen takes out of a cell was theirs to take: a result by somebody whom its order
//! names, originals by somebody of the case.

use super::Verdict;

/// One taking: who stood there, and who may.
pub fn check<'a>(taker: &str, mut may: impl Iterator<Item = &'a str>) -> Verdict {
    if may.any(|named| named == taker) {
        return Ok(());
    }
    Err("somebody took what nobody had named them for".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taker_whom_nobody_named_is_found() {
        assert_eq!(check("b", ["a", "b"].into_iter()), Ok(()));
        assert!(check("c", ["a", "b"].into_iter()).is_err());
        assert!(check("c", [].into_iter()).is_err());
    }
}
