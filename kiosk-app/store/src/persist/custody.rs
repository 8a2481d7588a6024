//! Cells, doors, orders and freezes.
//!
//! The core has decided; here it becomes rows and, where an envelope moved, an event for the hall.
//! What the database refuses by itself: a second open authorisation, one that ends twice, an event
//! of a case that is not in this store.

use device_api::locker::DoorNo;
use hall_api::wire::{By, CustodyMoved, CustodyStep, EventBody};
use kiosk_core::custody::{Act, CellState, Change, End, Envelope, Order, Step, Who};
use kiosk_words::{CaseId, ClockQuality, OrderId, Private, WallTime};
use rusqlite::params;

use super::{Stopped, one::Writer};
use crate::{
    error::Refused,
    filing,
    keyed::owner_hash,
    proof::{Authorised, Ended},
    rows::{
        self,
        custody::{self as columns, CellColumns},
    },
};

/// When a change was made and how far that time can be believed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    pub(super) at: WallTime,
    pub(super) quality: ClockQuality,
}

impl Writer<'_> {
    pub(super) fn change(&mut self, change: &Change, stamp: Stamp) -> Result<(), Stopped> {
        match change {
            Change::Authorised { number, door, act, by } => {
                self.authorise(*number, *door, *act, by, stamp)
            }
            Change::Ended { number, how } => self.end(*number, *how, stamp),
            Change::Cell { door, state } => self.set_cell(*door, *state),
            Change::Moved { door, envelope, step, by } => {
                self.tell_hall(*door, envelope, *step, by.as_ref(), stamp)
            }
        }
    }

    fn authorise(
        &mut self,
        number: u64,
        door: DoorNo,
        act: Act,
        by: &Who,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let (act, case, order) = columns::act_columns(act);
        let who = self.who(by);
        let row = Authorised {
            number: rows::integer(number),
            door: door.get(),
            act,
            case: case.map(|case| case.0.into_bytes()),
            order: order.map(columns::order),
            who: &who,
            at: stamp.at.0,
            quality: rows::quality_text(stamp.quality),
        };
        self.run(
            "INSERT INTO authorisation (number, door, act, case_id, order_id, who, at, quality)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.number,
                row.door,
                row.act,
                row.case,
                row.order,
                row.who,
                row.at,
                row.quality,
            ],
        )?;
        self.named.authorised.push_back(row.proof(self.owner_key));
        Ok(())
    }

    /// A name for the record (R9); a citizen's is a keyed hash.
    fn who(&self, by: &Who) -> String {
        match by {
            Who::Citizen { number } => format!("citizen:{}", owner_hash(self.owner_key, number)),
            Who::Staff { id } => format!("staff:{id}"),
        }
    }

    fn end(&mut self, number: u64, end: End, stamp: Stamp) -> Result<(), Stopped> {
        let (how, doubt) = columns::end_columns(end);
        let row = Ended { number: rows::integer(number), how, doubt, at: stamp.at.0 };
        let n_rows = self.run(
            "UPDATE authorisation SET how = ?2, doubt = ?3, ended_at = ?4
             WHERE number = ?1 AND how IS NULL",
            params![row.number, row.how, row.doubt, row.at],
        )?;
        if n_rows != 1 {
            return Err(Refused::NotOpen(number).into());
        }
        let proof = row.proof(self.owner_key);
        match end {
            End::Doubted(_) => self.named.doubted.push_back(proof),
            End::Confirmed | End::Again | End::NotOpened => self.named.done.push_back(proof),
        }
        Ok(())
    }

    fn set_cell(&self, door: DoorNo, state: CellState) -> Result<(), Stopped> {
        let cell = CellColumns::from(state);
        self.run(
            "INSERT OR REPLACE INTO cell (door, state, doubt, case_id, content, order_id, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                door.get(),
                cell.state,
                cell.doubt,
                cell.case,
                cell.content,
                cell.order,
                cell.since,
            ],
        )?;
        Ok(())
    }

    /// One event of the one stream. The hall does not have everything of the case from here on,
    /// so its retention begins again when this event is settled.
    fn tell_hall(
        &mut self,
        door: Option<DoorNo>,
        envelope: &Envelope,
        step: Step,
        by: Option<&Who>,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let case = envelope.case;
        self.check_known(case)?;
        let event = EventBody::Custody(CustodyMoved {
            door: door.map_or(0, DoorNo::get),
            content: envelope.content,
            order: envelope.order,
            step: step_at_hall(step),
            by: by_at_hall(by),
            at: stamp.at,
            quality: stamp.quality,
        });
        let (body, hash) = filing::event_bytes(&event);
        self.run("UPDATE station SET last_seq = last_seq + 1", [])?;
        self.put_in_outbox(case, &body, hash)?;
        self.run(
            "UPDATE cases SET complete_at = NULL WHERE id = ?1 AND sealed_record IS NOT NULL",
            params![case.0.into_bytes()],
        )?;
        if let Some(order) = envelope.order.filter(|_| is_gone(step)) {
            self.run(
                "UPDATE placing_order SET gone_at = coalesce(gone_at, ?2) WHERE id = ?1",
                params![columns::order(order), stamp.at.0],
            )?;
        }
        self.named.moved.push((case, hash));
        Ok(())
    }

    /// A new order or the hall's newest word on one; its collectors replace those before.
    pub(super) fn receive_order(
        &self,
        id: OrderId,
        order: &Order,
        collectors: &[Private<String>],
    ) -> Result<(), Stopped> {
        self.check_known(order.case)?;
        self.run(
            "INSERT INTO placing_order (id, case_id, content, release, size, recalled)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET
                case_id = excluded.case_id, content = excluded.content,
                release = excluded.release, size = excluded.size, recalled = excluded.recalled,
                gone_at = NULL",
            params![
                columns::order(id),
                order.case.0.into_bytes(),
                columns::content_text(order.content),
                columns::release_text(order.release),
                columns::size_text(order.size),
                order.recalled,
            ],
        )?;
        self.run("DELETE FROM order_collector WHERE order_id = ?1", params![columns::order(id)])?;
        for number in collectors {
            self.run(
                "INSERT INTO order_collector (hash, order_id) VALUES (?1, ?2)
                 ON CONFLICT DO NOTHING",
                params![owner_hash(self.owner_key, number).0, columns::order(id)],
            )?;
        }
        Ok(())
    }

    pub(super) fn change_order(&self, id: OrderId, order: &Order) -> Result<(), Stopped> {
        let n_rows = self.run(
            "UPDATE placing_order SET recalled = ?2 WHERE id = ?1",
            params![columns::order(id), order.recalled],
        )?;
        if n_rows == 1 { Ok(()) } else { Err(Refused::UnknownOrder(id).into()) }
    }

    /// A restart forgives no wrong code.
    pub(super) fn count_wrong_codes(&self, case: CaseId, n: u8) -> Result<(), Stopped> {
        if n == 0 {
            let case = params![case.0.into_bytes()];
            self.run("DELETE FROM wrong_code WHERE case_id = ?1", case)?;
            return Ok(());
        }
        self.run(
            "INSERT INTO wrong_code (case_id, n) VALUES (?1, ?2)
             ON CONFLICT (case_id) DO UPDATE SET n = excluded.n",
            params![case.0.into_bytes(), n],
        )?;
        Ok(())
    }

    pub(super) fn freeze(&self, case: CaseId, frozen: bool) -> Result<(), Stopped> {
        let sql = if frozen {
            "INSERT INTO frozen (case_id) VALUES (?1) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM frozen WHERE case_id = ?1"
        };
        self.run(sql, params![case.0.into_bytes()])?;
        Ok(())
    }
}

/// The order is done with here: its envelope is out of the station's hands or never comes.
const fn is_gone(step: Step) -> bool {
    match step {
        Step::TakenBack
        | Step::TakenByStaff
        | Step::Collected
        | Step::Withdrawn
        | Step::NoPlace
        | Step::TooLate => true,
        Step::Deposited | Step::Placed | Step::Unconfirmed | Step::Quarantined => false,
    }
}

const fn step_at_hall(step: Step) -> CustodyStep {
    match step {
        Step::Deposited => CustodyStep::Deposited,
        Step::TakenBack => CustodyStep::TakenBack,
        Step::TakenByStaff => CustodyStep::TakenByStaff,
        Step::Placed => CustodyStep::Placed,
        Step::Collected => CustodyStep::Collected,
        Step::Withdrawn => CustodyStep::Withdrawn,
        Step::Unconfirmed => CustodyStep::Unconfirmed,
        Step::Quarantined => CustodyStep::Quarantined,
        Step::NoPlace => CustodyStep::NoPlace,
        Step::TooLate => CustodyStep::TooLate,
    }
}

/// The hall hears that it was a citizen, not which.
fn by_at_hall(by: Option<&Who>) -> By {
    match by {
        Some(Who::Citizen { .. }) => By::Citizen,
        Some(Who::Staff { id }) => By::Staff { id: id.clone() },
        None => By::Station,
    }
}
