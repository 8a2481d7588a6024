//! What the hall sends and takes back, what staff should do about it, and what may be given out.

use device_api::locker::DoorNo;
use kiosk_words::{CaseId, Content, OrderId, Release, ServiceTime};

use super::{
    Act, Cell, CellState, Change, Custody, Denied, Envelope, Order, Step, WRONG_CODES_MAX,
};

impl Custody {
    /// Orders that staff should put in now: sent by the hall, not in a cell, not recalled.
    pub fn to_place(&self) -> Vec<OrderId> {
        let waits = |(id, order): (&OrderId, &Order)| {
            let may = !order.recalled && may_lie_here(order.release);
            let away = self.place_of(*id).is_none() && self.order_in_doubt(*id).is_none();
            (may && away).then_some(*id)
        };
        self.orders.iter().filter_map(waits).collect()
    }

    /// Cases whose originals staff should take out.
    pub fn to_take(&self) -> Vec<(DoorNo, CaseId)> {
        self.held_of(Content::Materials).map(|(door, envelope)| (door, envelope.case)).collect()
    }

    /// Recalled envelopes that staff should take out.
    pub fn to_withdraw(&self) -> Vec<(DoorNo, OrderId)> {
        let recalled = |order: OrderId| self.orders.get(&order).is_some_and(|o| o.recalled);
        self.orders
            .keys()
            .filter(|order| recalled(**order))
            .filter_map(|order| self.place_of(*order).map(|door| (door, *order)))
            .collect()
    }

    /// Cells that staff should look into.
    pub fn to_look(&self) -> Vec<DoorNo> {
        let doubtful = |cell: &Cell| match cell.state {
            CellState::Unknown | CellState::Quarantined { .. } => true,
            CellState::Empty | CellState::Holds(_) => false,
        };
        self.cells().filter(|(_, cell)| doubtful(cell)).map(|(door, _)| door).collect()
    }

    /// A new or repeated order; the newest word of the hall holds. What could never be given out
    /// from a cell is not taken (never_accept_unfinishable): the hall is told.
    pub fn place(&mut self, id: OrderId, order: Order) -> Vec<Change> {
        if self.cells.is_empty() || !may_lie_here(order.release) {
            return vec![refuse_order(id, order.case, order.content, Step::NoPlace)];
        }
        if self.orders.insert(id, order).is_none() {
            self.wrong_codes.remove(&order.case);
        }
        Vec::new()
    }

    /// A cell that is closed off and may hold this order's envelope.
    pub fn order_in_doubt(&self, id: OrderId) -> Option<DoorNo> {
        self.in_doubt(|envelope| envelope.order == Some(id))
    }

    pub fn set_frozen(&mut self, case: CaseId, frozen: bool) {
        if frozen {
            self.frozen.insert(case);
        } else {
            self.frozen.remove(&case);
        }
    }

    /// The order as it is now, or what to tell the hall if it is no longer here.
    pub fn recall(&mut self, id: OrderId, case: CaseId) -> Result<Order, Change> {
        let too_late = refuse_order(id, case, Content::Result, Step::TooLate);
        // One that is being put in right now is taken out again on the next round.
        let putting = self.opening.as_ref().is_some_and(|o| o.act == Act::Put { order: id });
        let may_lie_here = self.place_of(id).or_else(|| self.order_in_doubt(id)).is_some();
        let is_placed = putting || may_lie_here;
        let order = self.orders.get_mut(&id).ok_or(too_late)?;
        if !is_placed {
            let (case, content) = (order.case, order.content);
            self.orders.remove(&id);
            return Err(refuse_order(id, case, content, Step::Withdrawn));
        }
        order.recalled = true;
        Ok(*order)
    }

    /// One more wrong code for this case: how many there are now.
    pub fn wrong_code(&mut self, case: CaseId) -> u8 {
        let n = self.wrong_codes.entry(case).or_default();
        *n = n.saturating_add(1);
        *n
    }

    pub fn wrong_codes(&self, case: CaseId) -> u8 {
        self.wrong_codes.get(&case).copied().unwrap_or_default()
    }

    /// What the person at the screen may be given by card and code, and where it lies.
    pub fn may_give(&self, act: Act) -> Result<DoorNo, Denied> {
        match act {
            Act::Collect { order } => self.may_collect(order),
            Act::TakeBack { case } => {
                let door = self.materials_of(case);
                self.not_held_back(case)?;
                door.ok_or_else(|| {
                    self.materials_in_doubt(case).map_or(Denied::NotHere, Denied::InDoubt)
                })
            }
            Act::Deposit { .. }
            | Act::TakeOut { .. }
            | Act::Put { .. }
            | Act::Withdraw { .. }
            | Act::Look => Err(Denied::NotHere),
        }
    }

    fn not_held_back(&self, case: CaseId) -> Result<(), Denied> {
        if self.frozen.contains(&case) {
            return Err(Denied::Frozen);
        }
        if self.wrong_codes(case) >= WRONG_CODES_MAX { Err(Denied::Locked) } else { Ok(()) }
    }

    /// May this be given out now?
    pub fn may_collect(&self, id: OrderId) -> Result<DoorNo, Denied> {
        let order = self.orders.get(&id).ok_or(Denied::NotHere)?;
        if order.recalled {
            return Err(Denied::Recalled);
        }
        self.not_held_back(order.case)?;
        match order.release {
            Release::NotInLocker | Release::Important => Err(Denied::WindowOnly),
            Release::Ordinary => self
                .place_of(id)
                .ok_or_else(|| self.order_in_doubt(id).map_or(Denied::NotHere, Denied::InDoubt)),
        }
    }
}

/// 重要 needs a face or the window (R7), and no face step exists yet.
pub(super) const fn may_lie_here(release: Release) -> bool {
    match release {
        Release::Ordinary => true,
        Release::Important | Release::NotInLocker => false,
    }
}

const fn refuse_order(id: OrderId, case: CaseId, content: Content, step: Step) -> Change {
    let envelope = Envelope { case, content, order: Some(id), since: ServiceTime(0) };
    Change::Moved { door: None, envelope, step, by: None }
}
