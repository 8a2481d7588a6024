//! A full disk refuses new cases and nothing else, and a disk with room refuses nothing.

use super::Verdict;

/// One transaction and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    pub disk_is_full: bool,
    pub brings_a_case: bool,
    pub refused: bool,
}

pub fn check(write: Write) -> Verdict {
    match (write.disk_is_full, write.brings_a_case, write.refused) {
        (true, false, true) => Err("a full disk refused what is no new case".to_owned()),
        (true, true, false) => Err("a full disk took a new case".to_owned()),
        (false, _, true) => Err("a disk with room refused a write".to_owned()),
        (true, true, true) | (true, false, false) | (false, _, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_refusal_is_found() {
        let write = |disk_is_full, brings_a_case, refused| {
            check(Write { disk_is_full, brings_a_case, refused })
        };
        assert_eq!(write(true, true, true), Ok(()));
        assert_eq!(write(false, true, false), Ok(()));
        assert!(write(true, false, true).is_err());
        assert!(write(true, true, false).is_err());
        assert!(write(false, false, true).is_err());
    }
}
