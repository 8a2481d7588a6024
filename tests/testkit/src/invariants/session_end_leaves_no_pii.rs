//! Between sessions nothing about a person is left: not in the core, not on the glass, not in the
//! vault.

use super::Verdict;
use crate::canary::Net;

/// What is there while the screen sleeps.
#[derive(Debug, Clone, Copy)]
pub struct AtRest<'a> {
    pub core_holds: bool,
    /// Debug text of the view that is shown.
    pub glass: &'a str,
    pub vault_is_empty: bool,
    /// A read is open: the station still wants a card.
    pub reads_cards: bool,
}

pub fn check(rest: AtRest<'_>, canaries: &Net) -> Verdict {
    if rest.core_holds {
        return Err("the core holds personal data between sessions".to_owned());
    }
    if !rest.vault_is_empty {
        return Err("the vault holds pages between sessions".to_owned());
    }
    if rest.reads_cards {
        return Err("the reader waits for a card between sessions".to_owned());
    }
    match canaries.in_text(rest.glass) {
        Some(caught) => Err(format!("{caught} is on the sleeping screen")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_left_behind_is_found() {
        let canaries = Net::of(["测试甲"]);
        let clean =
            AtRest { core_holds: false, glass: "轻触", vault_is_empty: true, reads_cards: false };
        assert_eq!(check(clean, &canaries), Ok(()));
        assert!(check(AtRest { core_holds: true, ..clean }, &canaries).is_err());
        assert!(check(AtRest { glass: "测试甲，您好", ..clean }, &canaries).is_err());
        assert!(check(AtRest { vault_is_empty: false, ..clean }, &canaries).is_err());
        assert!(check(AtRest { reads_cards: true, ..clean }, &canaries).is_err());
    }
}
