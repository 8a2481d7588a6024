//! A receipt or a deposit slip is printed once as the original. One that may be out already comes
//! again only under 补打.

use std::collections::BTreeSet;

use kiosk_core::record::{PrintEnd, SlipKind};
use kiosk_words::CaseId;

use super::Verdict;

/// A slip that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip {
    pub case: CaseId,
    pub kind: SlipKind,
    pub reprint: bool,
    pub end: Option<PrintEnd>,
}

/// In the order in which they were started. Each 领取凭证 is for another envelope.
pub fn check(slips: impl Iterator<Item = Slip>) -> Verdict {
    let mut may_be_out = BTreeSet::new();
    for slip in slips.filter(|slip| slip.kind != SlipKind::Collection) {
        let key = (slip.case, slip.kind);
        if !slip.reprint && may_be_out.contains(&key) {
            return Err(format!(
                "a {:?} of the case {} is an original twice",
                slip.kind, slip.case
            ));
        }
        if slip.end != Some(PrintEnd::NotStarted) {
            may_be_out.insert(key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_original_is_found() {
        let case = CaseId::new(1, [1; 10]);
        let slip = |reprint, end| Slip { case, kind: SlipKind::Receipt, reprint, end };
        let out = slip(false, Some(PrintEnd::CameOut));
        assert_eq!(check([out, slip(true, None)].into_iter()), Ok(()));
        assert_eq!(check([slip(false, Some(PrintEnd::NotStarted)), out].into_iter()), Ok(()));
        assert!(check([out, out].into_iter()).is_err());
        assert!(check([slip(false, Some(PrintEnd::Uncertain)), out].into_iter()).is_err());
    }
}
