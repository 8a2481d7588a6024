//! What a step of custody does to a case and to an order: the tables, and nothing that acts.
//!
//! ```text
//! order   Ordered ──► Placed ──► Collected
//!            ├───────────┴─────► Withdrawn
//!            └─────────────────► NoPlace
//! ```
//! `Collected` may follow `Ordered`: a door that closed unconfirmed told no `Placed`.
//! A step proves states of the case's lines (`TakenByStaff` proves that the envelope was in the
//! cell and that the hall has it); each move from the present state to the last proved one must be
//! legal in the tables of `kiosk-words`, or the step waits for a person.
//! Where an envelope is away between cell and desk, and when that is too long, is decided here too.

use hall_api::wire::{By, CustodyMoved, CustodyStep};
use kiosk_words::{Content, Handling, Originals, StationId, WallTime};
use serde::{Deserialize, Serialize};

/// Doors are numbered as on the cell.
const DOOR_MAX: u16 = 9_999;
const STAFF_LEN_MAX: usize = 60;
/// Times outside of 2020 to 2100 are no times of this system.
const AT_MS: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

/// An envelope between cell and desk for longer than this is marked (practice.md, point 9).
pub const AMBER_MS: i64 = 4 * 3_600_000;

/// Where the hall's order for an envelope stands, as far as the station has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    Ordered,
    /// The station did not take the order.
    NoPlace,
    Placed,
    Collected,
    /// Taken out again, or recalled before it was placed.
    Withdrawn,
}

impl OrderState {
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Ordered | Self::Placed)
    }

    /// `None`: not a step of the table.
    const fn after(self, step: CustodyStep) -> Option<Self> {
        use CustodyStep as S;
        match step {
            S::Placed if self.is_open() => Some(Self::Placed),
            S::Collected if self.is_open() => Some(Self::Collected),
            S::Withdrawn if self.is_open() => Some(Self::Withdrawn),
            S::NoPlace if matches!(self, Self::Ordered) => Some(Self::NoPlace),
            S::Unconfirmed | S::Quarantined | S::TooLate => Some(self),
            S::Placed
            | S::Collected
            | S::Withdrawn
            | S::NoPlace
            | S::Deposited
            | S::TakenBack
            | S::TakenByStaff => None,
        }
    }
}

/// Whether an event says something that can be at all.
pub fn fits(moved: &CustodyMoved) -> bool {
    use CustodyStep as S;
    let is_material_step = matches!(moved.step, S::Deposited | S::TakenBack | S::TakenByStaff);
    let is_order_step =
        matches!(moved.step, S::Placed | S::Collected | S::Withdrawn | S::NoPlace | S::TooLate);
    let has_content = match moved.content {
        Content::Materials => moved.order.is_none() && !is_order_step,
        Content::Result | Content::ReturnedOriginals => moved.order.is_some() && !is_material_step,
    };
    let has_name = match &moved.by {
        By::Staff { id } => {
            !id.is_empty() && id.len() <= STAFF_LEN_MAX && !id.chars().any(char::is_control)
        }
        By::Citizen | By::Station => true,
    };
    has_content && has_name && moved.door <= DOOR_MAX && AT_MS.contains(&moved.at.0)
}

/// What the hall knows when an event comes in.
#[derive(Debug, Clone)]
pub struct Present {
    pub originals: Originals,
    pub handling: Handling,
    /// The decision to which a result that was not fetched goes back.
    pub decided: Option<Handling>,
    pub order: Option<OrderState>,
    /// The desk has the materials of this trip already: what the station tells of it late is
    /// written down and moves nothing.
    pub is_history: bool,
}

/// What an event moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    pub originals: Vec<Originals>,
    pub handling: Vec<Handling>,
    pub order: Option<OrderState>,
}

/// `None`: the tables do not allow it; a person looks.
pub fn moves(moved: &CustodyMoved, station: StationId, present: &Present) -> Option<Moves> {
    let order = match present.order {
        Some(order) => Some(order.after(moved.step)?),
        None => None,
    };
    let mut moves = Moves { order, ..Moves::default() };
    match moved.content {
        Content::Materials if present.is_history => {}
        Content::Materials => moves.originals = materials(moved.step, present.originals)?,
        Content::Result => moves.handling = result(moved, station, present)?,
        Content::ReturnedOriginals => {
            moves.originals = returned(moved.step, present.originals)?;
        }
    }
    Some(moves)
}

fn materials(step: CustodyStep, from: Originals) -> Option<Vec<Originals>> {
    use CustodyStep as S;
    let proved: &[Originals] = match step {
        S::Deposited => &[Originals::InCell],
        S::TakenBack => &[Originals::InCell, Originals::AwaitingCell],
        S::TakenByStaff => &[Originals::InCell, Originals::TakenByHall],
        S::Unconfirmed | S::Quarantined => return Some(Vec::new()),
        S::Placed | S::Collected | S::Withdrawn | S::NoPlace | S::TooLate => return None,
    };
    walk_originals(from, proved)
}

fn returned(step: CustodyStep, from: Originals) -> Option<Vec<Originals>> {
    use CustodyStep as S;
    let proved: &[Originals] = match step {
        S::Placed => &[Originals::AwaitingReturn],
        S::Collected => &[Originals::AwaitingReturn, Originals::Returned],
        S::Withdrawn if from == Originals::AwaitingReturn => &[Originals::TakenByHall],
        // Recalled before it was placed; by now it may have been given back by hand.
        S::Withdrawn | S::NoPlace | S::TooLate | S::Unconfirmed | S::Quarantined => &[],
        S::Deposited | S::TakenBack | S::TakenByStaff => return None,
    };
    walk_originals(from, proved)
}

fn result(moved: &CustodyMoved, station: StationId, present: &Present) -> Option<Vec<Handling>> {
    use CustodyStep as S;
    let from = &present.handling;
    let waiting = Handling::AwaitingCollection { station: station.into() };
    let proved = match moved.step {
        S::Placed => vec![waiting],
        S::Collected => vec![waiting, Handling::Collected { on: iso_day(moved.at) }],
        S::Withdrawn if matches!(from, Handling::AwaitingCollection { .. }) => {
            vec![present.decided.clone()?]
        }
        S::Withdrawn | S::NoPlace | S::TooLate | S::Unconfirmed | S::Quarantined => Vec::new(),
        S::Deposited | S::TakenBack | S::TakenByStaff => return None,
    };
    walk(from, &proved, Handling::may_become)
}

pub fn walk_originals(from: Originals, proved: &[Originals]) -> Option<Vec<Originals>> {
    walk(&from, proved, |from, next| from.may_become(*next))
}

/// The moves from the present state to the last proved one; none if it is there already.
fn walk<T: Clone + PartialEq>(
    from: &T,
    proved: &[T],
    may_become: impl Fn(&T, &T) -> bool,
) -> Option<Vec<T>> {
    let reached = proved.iter().rposition(|state| state == from).map_or(0, |at| at + 1);
    let rest = proved.get(reached..).unwrap_or_default();
    let mut at = from;
    for next in rest {
        if !may_become(at, next) {
            return None;
        }
        at = next;
    }
    Some(rest.to_vec())
}

fn iso_day(at: WallTime) -> String {
    let civil = at.civil();
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// Whether an envelope of this content may be sent to a cell from here.
pub const fn may_order(content: Content, handling: &Handling, originals: Originals) -> bool {
    match content {
        Content::Materials => false,
        Content::Result => matches!(handling, Handling::Decided { .. }),
        Content::ReturnedOriginals => may_return(handling, originals),
    }
}

/// Originals go back when nothing more is done with them here, or the applicant has to mend them.
pub const fn may_return(handling: &Handling, originals: Originals) -> bool {
    let is_done_with = match handling {
        Handling::NeedsCorrection { .. }
        | Handling::Refused { .. }
        | Handling::Decided { .. }
        | Handling::AwaitingCollection { .. }
        | Handling::Collected { .. }
        | Handling::HandedOver { .. } => true,
        Handling::AwaitingReview
        | Handling::Accepted { .. }
        | Handling::InProgress
        | Handling::Paused { .. } => false,
    };
    is_done_with && matches!(originals, Originals::TakenByHall)
}

/// One step of an envelope: told by the station, or done at the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Station(CustodyStep),
    /// 到案台: the courier handed it over and the clerk counted.
    AtDesk,
    GivenToCourier,
    /// At a window or by post.
    HandedOut,
}

/// Where an envelope should be going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    ToDesk,
    ToCell,
    /// On the desk, and the station has not told yet that it left the cell.
    Unreported,
}

/// Which of an envelope's lines it is away since, if it is. `steps` in the order of recording,
/// which for the station's steps is their own order and for the hall's too.
pub fn away(order: Option<OrderState>, steps: &[(i64, Step)]) -> Option<(i64, Way)> {
    match order {
        None => materials_away(steps),
        Some(order) => order_away(order, steps),
    }
}

fn materials_away(steps: &[(i64, Step)]) -> Option<(i64, Way)> {
    let all =
        |wanted: Step| steps.iter().filter(move |(_, step)| *step == wanted).map(|(line, _)| *line);
    let taken = || all(Step::Station(CustodyStep::TakenByStaff));
    let received = || all(Step::AtDesk);
    let to_desk = taken().nth(received().count()).map(|line| (line, Way::ToDesk));
    to_desk.or_else(|| received().nth(taken().count()).map(|line| (line, Way::Unreported)))
}

/// The station's word on the cell, and the last act at the hall.
fn order_away(order: OrderState, steps: &[(i64, Step)]) -> Option<(i64, Way)> {
    let last = |wanted: &[Step]| steps.iter().rev().find(|(_, step)| wanted.contains(step));
    let at_hall = last(&[Step::AtDesk, Step::GivenToCourier, Step::HandedOut]);
    let given = at_hall.filter(|(_, step)| *step == Step::GivenToCourier);
    match order {
        OrderState::Placed | OrderState::Collected => None,
        OrderState::Ordered => given.map(|(line, _)| (*line, Way::ToCell)),
        OrderState::NoPlace => given.map(|(line, _)| (*line, Way::ToDesk)),
        OrderState::Withdrawn if at_hall.is_some() && given.is_none() => None,
        OrderState::Withdrawn => {
            let was_at_cell = last(&AT_A_CELL).is_some();
            let out = last(&[Step::Station(CustodyStep::Withdrawn)]).filter(|_| was_at_cell);
            out.or(given).map(|(line, _)| (*line, Way::ToDesk))
        }
    }
}

/// The envelope was at a cell, in it or in doubt.
const AT_A_CELL: [Step; 3] = [
    Step::Station(CustodyStep::Placed),
    Step::Station(CustodyStep::Unconfirmed),
    Step::Station(CustodyStep::Quarantined),
];

/// Where the paper of an order is, as far as anyone has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    Desk,
    Courier,
    Cell,
    /// A door closed unconfirmed, or sensor and record disagree: staff look.
    InDoubt,
    Gone,
}

pub fn whereabouts(order: OrderState, steps: &[(i64, Step)]) -> Whereabouts {
    let has = |wanted: Step| steps.iter().any(|(_, step)| *step == wanted);
    match order {
        OrderState::Collected => Whereabouts::Gone,
        _ if has(Step::HandedOut) => Whereabouts::Gone,
        OrderState::Placed if is_in_doubt(steps) => Whereabouts::InDoubt,
        OrderState::Placed => Whereabouts::Cell,
        OrderState::Ordered if is_in_doubt(steps) && !has(Step::AtDesk) => Whereabouts::InDoubt,
        OrderState::Ordered | OrderState::NoPlace | OrderState::Withdrawn => {
            match order_away(order, steps) {
                Some(_) => Whereabouts::Courier,
                None => Whereabouts::Desk,
            }
        }
    }
}

/// The last the station told of the envelope is that nobody knows.
fn is_in_doubt(steps: &[(i64, Step)]) -> bool {
    let told = steps.iter().rev().find(|(_, step)| matches!(step, Step::Station(_)));
    told.is_some_and(|(_, step)| {
        let doubts = [CustodyStep::Unconfirmed, CustodyStep::Quarantined];
        doubts.into_iter().any(|doubt| *step == Step::Station(doubt))
    })
}

/// How late a hand-over is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lateness {
    InTime,
    Amber,
    /// The day is over as well.
    Red,
}

pub fn lateness(since: WallTime, now: WallTime) -> Lateness {
    if now.0 - since.0 < AMBER_MS {
        Lateness::InTime
    } else if since.civil().yyyymmdd() == now.civil().yyyymmdd() {
        Lateness::Amber
    } else {
        Lateness::Red
    }
}

#[cfg(test)]
mod tests;
