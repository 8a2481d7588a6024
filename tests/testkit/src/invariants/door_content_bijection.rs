//! One cell, one content: no envelope is written down in two cells, in doubt or not. With it holds
//! `no_duplicate_originals`.

use std::collections::BTreeSet;

use device_api::locker::DoorNo;
use kiosk_core::custody::{CellState, held};

use super::Verdict;

/// What the store says of every cell.
pub fn check(cells: &[(DoorNo, CellState)]) -> Verdict {
    let mut seen = BTreeSet::new();
    for (door, state) in cells {
        if let Some(envelope) = held(state)
            && !seen.insert((envelope.case, envelope.content, envelope.order))
        {
            return Err(format!("what lies in cell {door} lies in another cell too"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_core::custody::{Doubt, Envelope};
    use kiosk_words::{CaseId, Content, ServiceTime};

    use super::*;
    use crate::cabinet::door;

    #[test]
    fn an_envelope_in_two_cells_is_found_even_in_doubt() {
        let (case, content) = (CaseId::new(1, [1; 10]), Content::Materials);
        let envelope = Envelope { case, content, order: None, since: ServiceTime(0) };
        let lies = (door(1), CellState::Holds(envelope));
        assert_eq!(check(&[lies, (door(2), CellState::Empty)]), Ok(()));
        let doubt = CellState::Quarantined { why: Doubt::Forced, held: Some(envelope) };
        assert!(check(&[lies, (door(2), doubt)]).is_err());
    }
}
