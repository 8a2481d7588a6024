//! One door at a time: from the authorisation to what the person says once it is shut again.

use device_api::locker::{DoorChanged, DoorNo, DoorState, Refusal};
use kiosk_words::{Content, Moment, ServiceTime};

use super::{
    AGAIN_MAX, AGAIN_MS, Act, CellState, Change, Custody, Denied, Doubt, End, Envelope, Opening,
    Phase, Step, Unasked, Who, held, orders::may_lie_here,
};

impl Custody {
    /// Begins an act; what is returned must be written before the door is asked.
    pub fn authorise(
        &mut self,
        act: Act,
        by: Who,
        look_at: Option<DoorNo>,
    ) -> Result<Vec<Change>, Denied> {
        if let Some(open) = &self.opening {
            return Err(Denied::Busy(open.door));
        }
        let door = self.door_for(act, look_at)?;
        if let Some(open) = self.open_door().filter(|open| !self.may_stay_open(*open, act, door)) {
            return Err(Denied::Busy(open));
        }
        if self.cells.get(&door).is_none_or(|cell| cell.door == DoorState::Unknown) {
            return Err(Denied::DoorUnknown);
        }
        Ok(self.begin(door, act, by, None, 0))
    }

    /// Staff may look into another cell while a door that is closed off stands open: its switch or its
    /// hook may be broken, and one broken switch must not shut them out of the whole cabinet.
    fn may_stay_open(&self, open: DoorNo, act: Act, wanted: DoorNo) -> bool {
        let closed_off = self.cells.get(&open).is_some_and(|cell| {
            let stands = matches!(cell.door, DoorState::Ajar | DoorState::Forced);
            stands && matches!(cell.state, CellState::Quarantined { .. })
        });
        act == Act::Look && open != wanted && closed_off
    }

    fn door_for(&self, act: Act, look_at: Option<DoorNo>) -> Result<DoorNo, Denied> {
        match act {
            Act::Deposit { case } => {
                if let Some(door) = self.materials_in_doubt(case) {
                    return Err(Denied::InDoubt(door));
                }
                if self.materials_of(case).is_some() {
                    return Err(Denied::NotHere);
                }
                self.reserved.get(&case).map(|kept| kept.door).ok_or(Denied::NoFreeCell)
            }
            Act::TakeOut { case } => self.materials_of(case).ok_or(Denied::NotHere),
            // Checked once more at the last moment: a freeze may have come since.
            Act::Collect { .. } | Act::TakeBack { .. } => self.may_give(act),
            Act::Withdraw { order } => self.place_of(order).ok_or(Denied::NotHere),
            Act::Put { order } => {
                let wanted = self.orders.get(&order).ok_or(Denied::NotHere)?;
                if wanted.recalled {
                    return Err(Denied::Recalled);
                }
                if !may_lie_here(wanted.release) {
                    return Err(Denied::WindowOnly);
                }
                if let Some(door) = self.order_in_doubt(order) {
                    return Err(Denied::InDoubt(door));
                }
                if self.place_of(order).is_some() {
                    return Err(Denied::NotHere);
                }
                self.free(wanted.size).ok_or(Denied::NoFreeCell)
            }
            Act::Look => {
                look_at.filter(|door| self.cells.contains_key(door)).ok_or(Denied::NotHere)
            }
        }
    }

    fn begin(
        &mut self,
        door: DoorNo,
        act: Act,
        by: Who,
        opened: Option<Moment>,
        n_again: u8,
    ) -> Vec<Change> {
        self.n_authorisations += 1;
        let number = self.n_authorisations;
        let change = Change::Authorised { number, door, act, by: by.clone() };
        let phase = Phase::Authorising;
        let opening = Opening {
            authorisation: number,
            door,
            act,
            by,
            phase,
            opened,
            n_again,
            abandoned: false,
        };
        self.opening = Some(opening);
        self.check();
        vec![change]
    }

    /// The authorisation is on the disk: the door to ask, once. `None`: it is not asked, because
    /// the person left or the hall has said no meanwhile; see [`Custody::drop_unasked`].
    pub fn written(&mut self, authorisation: u64) -> Option<DoorNo> {
        let opening = self.opening.as_ref().filter(|o| o.authorisation == authorisation)?;
        if opening.phase != Phase::Authorising || self.why_not_ask(opening).is_some() {
            return None;
        }
        let opening = self.opening.as_mut()?;
        opening.phase = Phase::Unlocking;
        Some(opening.door)
    }

    fn why_not_ask(&self, opening: &Opening) -> Option<Unasked> {
        if opening.abandoned {
            return Some(Unasked::Left);
        }
        match opening.act {
            Act::Collect { .. } | Act::TakeBack { .. } => {
                self.may_give(opening.act).err().map(Unasked::Denied)
            }
            Act::Deposit { .. }
            | Act::TakeOut { .. }
            | Act::Put { .. }
            | Act::Withdraw { .. }
            | Act::Look => None,
        }
    }

    /// Written, and the door is not asked: what must be written, and why.
    pub fn drop_unasked(&mut self, authorisation: u64) -> (Vec<Change>, Option<Unasked>) {
        let opening = self.opening.as_ref();
        let Some(opening) = opening.filter(|o| o.authorisation == authorisation) else {
            return (Vec::new(), None);
        };
        if opening.phase != Phase::Authorising {
            return (Vec::new(), None);
        }
        let why = self.why_not_ask(opening);
        if why.is_none() { (Vec::new(), None) } else { (self.end_unopened(), why) }
    }

    /// The door was not asked or did not hear. If it stood open before in this act, the envelope
    /// may have moved then, and nobody has said so.
    fn end_unopened(&mut self) -> Vec<Change> {
        if self.opening.as_ref().is_some_and(|o| o.opened.is_some()) {
            return self.end_in_doubt(Doubt::Unconfirmed);
        }
        self.end(End::NotOpened).map_or_else(Vec::new, |(change, _)| vec![change])
    }

    pub fn opened(&mut self, door: DoorNo, now: Moment) {
        if let Some(opening) = self.opening.as_mut().filter(|o| o.door == door)
            && opening.phase == Phase::Unlocking
        {
            opening.phase = Phase::Open;
            opening.opened.get_or_insert(now);
        }
    }

    /// The door was not opened, or nobody knows: what must be written.
    pub fn not_opened(&mut self, why: Refusal) -> Vec<Change> {
        if self.opening.as_ref().is_none_or(|o| o.phase != Phase::Unlocking) {
            return Vec::new();
        }
        match why {
            Refusal::NoSuchDoor | Refusal::AnotherDoor(_) | Refusal::NotKnown => {
                self.end_unopened()
            }
            Refusal::StayedShut => self.end_in_doubt(Doubt::StayedShut),
            Refusal::AlreadyOpen => self.end_in_doubt(Doubt::Forced),
            Refusal::Lost => self.end_in_doubt(Doubt::Lost),
            Refusal::WrongDoor(other) => {
                let mut changes = self.end_in_doubt(Doubt::WrongDoor);
                let held = self.cells.get(&other).and_then(|cell| held(&cell.state));
                self.doubt(other, Doubt::WrongDoor, held, None, &mut changes);
                changes
            }
        }
    }

    /// A door was seen to move. Returns what must be written; an unasked opening closes it off.
    pub fn door_changed(&mut self, change: DoorChanged) -> Vec<Change> {
        let Some(cell) = self.cells.get_mut(&change.door) else { return Vec::new() };
        cell.door = change.is;
        if change.is == DoorState::Forced {
            let envelope = held(&cell.state);
            let in_use = self.opening.as_ref().is_some_and(|o| o.door == change.door);
            if in_use {
                return self.end_in_doubt(Doubt::Forced);
            }
            let mut changes = Vec::new();
            self.doubt(change.door, Doubt::Forced, envelope, None, &mut changes);
            return changes;
        }
        let Some(opening) = self.opening.as_mut().filter(|o| o.door == change.door) else {
            return Vec::new();
        };
        if opening.phase == Phase::Open && change.is == DoorState::Shut {
            opening.phase = Phase::Asking;
            if opening.abandoned {
                return self.end_in_doubt(Doubt::Unconfirmed);
            }
        }
        Vec::new()
    }

    pub fn may_open_again(&self, now: Moment) -> bool {
        self.opening.as_ref().is_some_and(|o| {
            let young = o.opened.is_none_or(|first| now.ms_since(first) <= AGAIN_MS);
            o.phase == Phase::Asking
                && o.n_again < AGAIN_MAX
                && young
                && self.why_not_ask(o).is_none()
        })
    }

    /// 再开一次: a new authorisation for the same door.
    pub fn again(&mut self, now: Moment) -> Result<Vec<Change>, Denied> {
        if !self.may_open_again(now) {
            return Err(Denied::NoMore);
        }
        let Some((ended, old)) = self.end(End::Again) else { return Err(Denied::NoMore) };
        let mut changes = vec![ended];
        changes.extend(self.begin(old.door, old.act, old.by, old.opened, old.n_again + 1));
        Ok(changes)
    }

    /// The person says it is done; the record follows.
    pub fn confirm(&mut self, now: ServiceTime) -> Vec<Change> {
        if self.opening.as_ref().is_none_or(|o| o.phase != Phase::Asking) {
            return Vec::new();
        }
        let Some((ended, opening)) = self.end(End::Confirmed) else { return Vec::new() };
        let mut changes = vec![ended];
        let Some(envelope) = self.in_hand(opening.door, opening.act, Some(now)) else {
            return changes;
        };
        let (state, step) = match opening.act {
            Act::Deposit { .. } => (CellState::Holds(envelope), Step::Deposited),
            Act::Put { .. } => (CellState::Holds(envelope), Step::Placed),
            Act::TakeBack { .. } => (CellState::Empty, Step::TakenBack),
            Act::TakeOut { .. } => (CellState::Empty, Step::TakenByStaff),
            Act::Collect { .. } => (CellState::Empty, Step::Collected),
            Act::Withdraw { .. } => (CellState::Empty, Step::Withdrawn),
            Act::Look => return changes,
        };
        self.reserved.remove(&envelope.case);
        if state == CellState::Empty
            && let Some(order) = envelope.order
        {
            self.orders.remove(&order);
        }
        self.set(opening.door, state, &mut changes);
        let by = Some(opening.by);
        changes.push(Change::Moved { door: Some(opening.door), envelope, step, by });
        self.check();
        changes
    }

    /// What staff found in a cell they looked into. An envelope that was in doubt and is there is
    /// told to the hall as lying there. Something that should not be there, or nothing where the
    /// record has something, stays closed off until it is found so a second time.
    pub fn found(&mut self, is_empty: bool) -> Vec<Change> {
        let looking = |o: &Opening| o.phase == Phase::Asking && o.act == Act::Look;
        if !self.opening.as_ref().is_some_and(looking) {
            return Vec::new();
        }
        let Some((ended, opening)) = self.end(End::Confirmed) else { return Vec::new() };
        let mut changes = vec![ended];
        let known = self.cells.get(&opening.door).and_then(|cell| held(&cell.state));
        let seen_before = self.cells.get(&opening.door).is_some_and(|cell| {
            matches!(cell.state, CellState::Quarantined { why: Doubt::NotAsWritten, .. })
        });
        let (door, by) = (opening.door, Some(opening.by));
        match (known, is_empty) {
            (None, true) => self.set(door, CellState::Empty, &mut changes),
            // The hall was told when it was first found missing.
            (Some(_), true) if seen_before => self.set(door, CellState::Empty, &mut changes),
            (Some(envelope), false) => {
                self.set(door, CellState::Holds(envelope), &mut changes);
                let step = match envelope.content {
                    Content::Materials => Step::Deposited,
                    Content::Result | Content::ReturnedOriginals => Step::Placed,
                };
                changes.push(Change::Moved { door: Some(door), envelope, step, by });
            }
            (held, _) => self.doubt(door, Doubt::NotAsWritten, held, by, &mut changes),
        }
        changes
    }

    /// The envelope an act is about: what lies there, or what is being put in.
    pub(super) fn in_hand(
        &self,
        door: DoorNo,
        act: Act,
        now: Option<ServiceTime>,
    ) -> Option<Envelope> {
        let since = now.unwrap_or_default();
        match act {
            Act::Deposit { case } => {
                Some(Envelope { case, content: Content::Materials, order: None, since })
            }
            Act::Put { order } => {
                let known = self.orders.get(&order)?;
                let (case, content) = (known.case, known.content);
                Some(Envelope { case, content, order: Some(order), since })
            }
            Act::TakeBack { .. }
            | Act::TakeOut { .. }
            | Act::Collect { .. }
            | Act::Withdraw { .. }
            | Act::Look => self.cells.get(&door).and_then(|cell| held(&cell.state)),
        }
    }

    fn end(&mut self, how: End) -> Option<(Change, Opening)> {
        let opening = self.opening.take()?;
        Some((Change::Ended { number: opening.authorisation, how }, opening))
    }

    pub(super) fn end_in_doubt(&mut self, why: Doubt) -> Vec<Change> {
        let Some((ended, opening)) = self.end(End::Doubted(why)) else { return Vec::new() };
        let mut changes = vec![ended];
        // Nothing can have been put in behind a door that was never seen open.
        let held = match (opening.opened, opening.act) {
            (None, Act::Deposit { .. } | Act::Put { .. }) => None,
            (_, act) => self.in_hand(opening.door, act, None),
        };
        if let Act::Deposit { case } = opening.act {
            self.reserved.remove(&case);
        }
        self.doubt(opening.door, why, held, Some(opening.by), &mut changes);
        changes
    }
}
