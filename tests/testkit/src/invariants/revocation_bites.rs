//! When a door is asked to give something out, the station has heard of no freeze of its case, and
//! no recall of its order is on the disk.

use std::collections::BTreeSet;

use kiosk_core::custody::{Act, Stored};
use kiosk_words::CaseId;

use super::Verdict;

/// What the store says at the moment in which a door is asked, and the freezes heard so far.
pub fn check(stored: &Stored, frozen: &BTreeSet<CaseId>) -> Verdict {
    let Some((_, door, act)) = stored.open else { return Ok(()) };
    let order = |id| stored.orders.iter().find(|(known, _)| *known == id).map(|(_, order)| order);
    let (case, recalled) = match act {
        Act::Collect { order: id } => match order(id) {
            Some(order) => (order.case, order.recalled),
            None => return Err(format!("door {door} is opened for an order that is not there")),
        },
        Act::TakeBack { case } => (case, false),
        Act::Deposit { .. }
        | Act::TakeOut { .. }
        | Act::Put { .. }
        | Act::Withdraw { .. }
        | Act::Look => return Ok(()),
    };
    if recalled || frozen.contains(&case) {
        return Err(format!("door {door} is opened against the hall's word"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_core::custody::Order;
    use kiosk_words::{CellSize, Content, OrderId, Release};

    use super::*;
    use crate::cabinet::door;

    #[test]
    fn an_opening_against_a_freeze_or_a_recall_is_found() {
        let case = CaseId::new(1, [1; 10]);
        let (content, release, size) = (Content::Result, Release::Ordinary, CellSize::A4);
        let order = Order { case, content, release, size, recalled: false };
        let open = Some((1, door(2), Act::Collect { order: OrderId(5) }));
        let orders = vec![(OrderId(5), order)];
        let good = Stored { open, orders: orders.clone(), ..Stored::default() };
        let none = BTreeSet::new();
        assert_eq!(check(&good, &none), Ok(()));
        assert!(check(&good, &BTreeSet::from([case])).is_err());
        let recalled = vec![(OrderId(5), Order { recalled: true, ..order })];
        assert!(check(&Stored { orders: recalled, ..good.clone() }, &none).is_err());
        assert!(check(&Stored { orders: Vec::new(), ..good }, &none).is_err());
    }
}
