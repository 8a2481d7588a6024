//! A slip goes to the printer in the session that wrote it down and in no later one (R4): what one
//! person asked for never comes out before another.

use super::Verdict;

/// Sessions by number: the one that is open, and the one in which the slip was written down.
pub fn check(open: Option<u64>, written_in: Option<u64>) -> Verdict {
    match (open, written_in) {
        (_, None) => Err("a slip is printed that was never written down".to_owned()),
        (None, Some(_)) => Err("a slip is printed when its person has left".to_owned()),
        (Some(open), Some(written)) if open != written => {
            Err(format!("a slip of session {written} is printed in session {open}"))
        }
        (Some(_), Some(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_somebody_else_is_found() {
        assert_eq!(check(Some(4), Some(4)), Ok(()));
        assert!(check(Some(5), Some(4)).is_err());
        assert!(check(None, Some(4)).is_err());
        assert!(check(Some(4), None).is_err());
    }
}
