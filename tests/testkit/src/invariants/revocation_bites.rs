//! When a door is asked to give something out, no freeze of its case and no recall of its order is
//! on the disk.

use kiosk_core::custody::{Act, Stored};

use super::Verdict;

/// What the store says at the moment in which a door is asked.
pub fn check(stored: &Stored) -> Verdict {
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
    if recalled || stored.frozen.contains(&case) {
        return Err(format!("door {door} is opened against the hall's word"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_core::custody::Order;
    use kiosk_words::{CaseId, CellSize, Content, OrderId, Release};

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
        assert_eq!(check(&good), Ok(()));
        assert!(check(&Stored { frozen: vec![case], ..good.clone() }).is_err());
        let recalled = vec![(OrderId(5), Order { recalled: true, ..order })];
        assert!(check(&Stored { orders: recalled, ..good.clone() }).is_err());
        assert!(check(&Stored { orders: Vec::new(), ..good }).is_err());
    }
}
