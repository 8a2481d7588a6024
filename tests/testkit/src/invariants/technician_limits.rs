//! Staff open the cell of an envelope only for that envelope: to bring it, to take it away for the
//! hall, or to empty a cell that is closed off. Looking is for cells of which nothing is known.

use kiosk_core::custody::{Act, CellState, Who};

use super::Verdict;

/// An authorisation at the moment in which it is written, and the cell behind its door.
pub fn check(by: &Who, act: Act, cell: CellState) -> Verdict {
    let Who::Staff { id } = by else { return Ok(()) };
    let is_theirs = match (act, cell) {
        (Act::Look, CellState::Unknown | CellState::Quarantined { .. }) => true,
        (Act::Put { .. }, CellState::Empty) => true,
        (Act::TakeOut { case }, CellState::Holds(envelope)) => envelope.case == case,
        (Act::Withdraw { order }, CellState::Holds(envelope)) => envelope.order == Some(order),
        // The same opening once more: what it is for may lie in the cell by now, or no longer.
        (Act::Put { order }, CellState::Holds(envelope)) => envelope.order == Some(order),
        (
            Act::Look
            | Act::Put { .. }
            | Act::TakeOut { .. }
            | Act::Withdraw { .. }
            | Act::Deposit { .. }
            | Act::TakeBack { .. }
            | Act::Collect { .. },
            _,
        ) => false,
    };
    if is_theirs { Ok(()) } else { Err(format!("staff {id} opens a cell for {act:?}: {cell:?}")) }
}

#[cfg(test)]
mod tests {
    use kiosk_core::custody::{Doubt, Envelope};
    use kiosk_words::{CaseId, Content, OrderId, ServiceTime};

    use super::*;

    #[test]
    fn staff_at_the_envelope_of_somebody_are_found() {
        let case = CaseId::new(1, [1; 10]);
        let (content, order, since) = (Content::Materials, None, ServiceTime(1));
        let holds = CellState::Holds(Envelope { case, content, order, since });
        let staff = Who::Staff { id: "1001".to_owned() };
        let check = |act, cell| check(&staff, act, cell);
        assert_eq!(check(Act::TakeOut { case }, holds), Ok(()));
        let closed = CellState::Quarantined { why: Doubt::Forced, held: None };
        assert_eq!(check(Act::Look, closed), Ok(()));
        assert!(check(Act::Look, holds).is_err());
        assert!(check(Act::Put { order: OrderId(3) }, holds).is_err());
        assert!(check(Act::Collect { order: OrderId(3) }, holds).is_err());
    }
}
