//! What lies where, and who may open which door.
//!
//! ```text
//!            authorise        persisted        seen open       seen shut       confirmed
//!  idle ───────────────► Authorising ──► Unlocking ──► Open ──────────► Asking ─────────► idle
//!                                           │ refused    ▲                │ 再开一次 (twice)
//!                                           ▼            └────────────────┘
//!                        the cell is closed off, or the act is over without harm
//! ```
//! One cell, one content, one door at a time (R5). An authorisation is single-use, bound to one
//! door, written down before the door is asked, and does not survive a restart: whatever was open
//! then is in doubt until staff have looked. A door that moves unasked closes its cell off.
//!
//! This machine knows neither screen nor store: it is told what happened and says what must be
//! written down and which door must be asked.

mod doors;
mod orders;

use std::collections::{BTreeMap, BTreeSet};

use device_api::locker::{DoorNo, DoorState};
use kiosk_words::{CaseId, CellSize, Content, Moment, OrderId, Private, Release, ServiceTime};

/// 再开一次 at most so often, and not later than this after the first opening.
const AGAIN_MAX: u8 = 2;
const AGAIN_MS: u64 = 180_000;
/// A reservation outlives its session by so long (practice.md, point 15).
const KEPT_AFTER_SESSION_MS: u64 = 600_000;
/// Wrong pick-up codes before a case is locked: one code opens all its envelopes, so they are
/// counted together, and only a new order of the hall begins anew.
pub const WRONG_CODES_MAX: u8 = 5;

/// An envelope in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    pub case: CaseId,
    pub content: Content,
    /// The hall's number; absent for materials.
    pub order: Option<OrderId>,
    pub since: ServiceTime,
}

impl Envelope {
    fn is(&self, other: &Self) -> bool {
        (self.case, self.content, self.order) == (other.case, other.content, other.order)
    }
}

/// Why nobody may rely on what the record says of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The program ended between the authorisation and its end.
    Interrupted,
    /// The door closed and nobody said whether the envelope was taken or put in.
    Unconfirmed,
    /// The door was told to open and stayed shut.
    StayedShut,
    /// The door opened without having been asked.
    Forced,
    /// Another door opened instead.
    WrongDoor,
    /// The board fell silent while the door was being opened.
    Lost,
    /// Staff found something else than the record says.
    NotAsWritten,
}

/// What the record says of a cell; kept in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellState {
    /// Not looked into since this store was made.
    Unknown,
    Empty,
    Holds(Envelope),
    /// 已封存（待核实）: not used until staff have looked.
    Quarantined {
        why: Doubt,
        held: Option<Envelope>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub size: CellSize,
    pub state: CellState,
    pub door: DoorState,
}

/// An envelope that the hall wants given out here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub case: CaseId,
    pub content: Content,
    pub release: Release,
    pub size: CellSize,
    pub recalled: bool,
}

/// Who stands before the door. No door opens without a name (R9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Verified by their own card in this session.
    Citizen {
        number: Private<String>,
    },
    Staff {
        id: String,
    },
}

/// Why a door is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The applicant puts originals in.
    Deposit { case: CaseId },
    /// The depositor takes them back.
    TakeBack { case: CaseId },
    /// A named collector takes a result or returned originals.
    Collect { order: OrderId },
    /// Staff take originals out for the hall.
    TakeOut { case: CaseId },
    /// Staff put in what the hall sent.
    Put { order: OrderId },
    /// Staff take out what the hall recalled.
    Withdraw { order: OrderId },
    /// Staff look into a cell that is unknown or closed off.
    Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The authorisation is being written.
    Authorising,
    /// The door was asked to open.
    Unlocking,
    Open,
    /// The door is shut again; the person is asked.
    Asking,
}

/// The one door act under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub authorisation: u64,
    pub door: DoorNo,
    pub act: Act,
    pub by: Who,
    pub phase: Phase,
    /// When the door was first seen open.
    pub opened: Option<Moment>,
    pub n_again: u8,
    /// The person has gone; the door is still watched.
    pub abandoned: bool,
}

/// How an authorisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Confirmed,
    /// Opened once more under a new authorisation.
    Again,
    /// The door never opened and nothing can have moved.
    NotOpened,
    Doubted(Doubt),
}

/// Why an act is not authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Another door is open or being opened.
    Busy(DoorNo),
    NoFreeCell,
    /// Nothing of this kind lies here.
    NotHere,
    Frozen,
    Recalled,
    /// Too many wrong codes.
    Locked,
    /// The door's board is silent.
    DoorUnknown,
    /// 重要 needs a face or the window, and there is no face step here.
    WindowOnly,
    NoMore,
    /// The hall has not asked for this envelope to be put in.
    NotOrdered,
    /// It may lie in this cell already, which is closed off until somebody has looked.
    InDoubt(DoorNo),
}

/// Why a door that was authorised is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// The person left while it was written.
    Left,
    /// The hall's freeze or recall came first.
    Denied(Denied),
}

/// What must be written down, in this order and in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Authorised {
        number: u64,
        door: DoorNo,
        act: Act,
        by: Who,
    },
    Ended {
        number: u64,
        how: End,
    },
    Cell {
        door: DoorNo,
        state: CellState,
    },
    /// Tells the hall and, where it moves one, the case's lines.
    Moved {
        door: Option<DoorNo>,
        envelope: Envelope,
        step: Step,
        by: Option<Who>,
    },
}

/// What became of an envelope; the words of the sync contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Deposited,
    TakenBack,
    TakenByStaff,
    Placed,
    Collected,
    Withdrawn,
    Unconfirmed,
    Quarantined,
    /// The station cannot give this out from a cell.
    NoPlace,
    /// A recall came too late: it is no longer here.
    TooLate,
}

/// What the store knew at the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    pub cells: Vec<(DoorNo, CellState)>,
    pub orders: Vec<(OrderId, Order)>,
    pub frozen: Vec<CaseId>,
    /// Wrong codes typed for a case; a restart forgives nothing.
    pub wrong_codes: Vec<(CaseId, u8)>,
    /// Authorised and not ended when the program ended.
    pub open: Option<(u64, DoorNo, Act)>,
    /// Number of the last authorisation.
    pub last_authorisation: u64,
}

/// A cell of the cabinet, from machine.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellPlan {
    pub door: DoorNo,
    pub size: CellSize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reservation {
    door: DoorNo,
    /// Runs out at this moment; none while its session lasts.
    until: Option<Moment>,
}

#[derive(Debug)]
pub struct Custody {
    cells: BTreeMap<DoorNo, Cell>,
    orders: BTreeMap<OrderId, Order>,
    frozen: BTreeSet<CaseId>,
    wrong_codes: BTreeMap<CaseId, u8>,
    reserved: BTreeMap<CaseId, Reservation>,
    opening: Option<Opening>,
    n_authorisations: u64,
    /// Cells that stay free for results, however many people bring originals.
    kept_for_results: usize,
}

impl Custody {
    /// A cell the store does not know is `Unknown` until an inventory. Returns what must be
    /// written at once: whatever was open when the program ended is in doubt.
    pub fn new(plan: &[CellPlan], stored: &Stored, kept_for_results: usize) -> (Self, Vec<Change>) {
        let known: BTreeMap<DoorNo, CellState> = stored.cells.iter().copied().collect();
        let cell = |plan: &CellPlan| {
            let state = known.get(&plan.door).copied().unwrap_or(CellState::Unknown);
            (plan.door, Cell { size: plan.size, state, door: DoorState::Unknown })
        };
        let mut custody = Self {
            cells: plan.iter().map(cell).collect(),
            orders: stored.orders.iter().copied().collect(),
            frozen: stored.frozen.iter().copied().collect(),
            wrong_codes: stored.wrong_codes.iter().copied().collect(),
            reserved: BTreeMap::new(),
            opening: None,
            n_authorisations: stored.last_authorisation,
            kept_for_results,
        };
        let mut changes = Vec::new();
        if let Some((number, door, act)) = stored.open {
            changes.push(Change::Ended { number, how: End::Doubted(Doubt::Interrupted) });
            let held = custody.in_hand(door, act, None);
            custody.doubt(door, Doubt::Interrupted, held, None, &mut changes);
        }
        custody.check();
        (custody, changes)
    }

    pub fn has_cells(&self) -> bool {
        !self.cells.is_empty()
    }

    pub fn cells(&self) -> impl Iterator<Item = (DoorNo, &Cell)> {
        self.cells.iter().map(|(door, cell)| (*door, cell))
    }

    pub fn cell(&self, door: DoorNo) -> Option<&Cell> {
        self.cells.get(&door)
    }

    /// A door that is not shut and should be.
    pub fn open_door(&self) -> Option<DoorNo> {
        self.cells().find(|(_, cell)| is_open(cell.door)).map(|(door, _)| door)
    }

    pub const fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    pub fn order(&self, order: OrderId) -> Option<&Order> {
        self.orders.get(&order)
    }

    /// Where this order's envelope lies, if staff have put it in.
    pub fn place_of(&self, order: OrderId) -> Option<DoorNo> {
        self.find(|envelope| envelope.order == Some(order))
    }

    /// Where this case's originals lie.
    pub fn materials_of(&self, case: CaseId) -> Option<DoorNo> {
        self.find(|envelope| envelope.case == case && envelope.content == Content::Materials)
    }

    fn find(&self, is: impl Fn(&Envelope) -> bool) -> Option<DoorNo> {
        let mut held = self.cells.iter();
        held.find_map(|(door, cell)| match &cell.state {
            CellState::Holds(envelope) if is(envelope) => Some(*door),
            CellState::Holds(_)
            | CellState::Unknown
            | CellState::Empty
            | CellState::Quarantined { .. } => None,
        })
    }

    /// A cell that is closed off and may hold this: nobody may say that it lies anywhere else.
    fn in_doubt(&self, is: impl Fn(&Envelope) -> bool) -> Option<DoorNo> {
        let mut cells = self.cells.iter();
        cells.find_map(|(door, cell)| match &cell.state {
            CellState::Quarantined { held: Some(envelope), .. } if is(envelope) => Some(*door),
            CellState::Quarantined { .. }
            | CellState::Holds(_)
            | CellState::Unknown
            | CellState::Empty => None,
        })
    }

    /// A cell that is closed off and may hold this case's originals.
    pub fn materials_in_doubt(&self, case: CaseId) -> Option<DoorNo> {
        self.in_doubt(|envelope| envelope.case == case && envelope.content == Content::Materials)
    }

    pub fn is_reserved(&self, door: DoorNo) -> Option<CaseId> {
        self.reserved.iter().find(|(_, kept)| kept.door == door).map(|(case, _)| *case)
    }

    fn held_of(&self, content: Content) -> impl Iterator<Item = (DoorNo, Envelope)> {
        self.cells().filter_map(move |(door, cell)| match cell.state {
            CellState::Holds(envelope) if envelope.content == content => Some((door, envelope)),
            CellState::Holds(_)
            | CellState::Unknown
            | CellState::Empty
            | CellState::Quarantined { .. } => None,
        })
    }

    // ---- reservations ----

    fn free(&self, size: CellSize) -> Option<DoorNo> {
        let fits = |(door, cell): &(DoorNo, &Cell)| {
            cell.state == CellState::Empty
                && cell.door == DoorState::Shut
                && cell.size >= size
                && self.is_reserved(*door).is_none()
        };
        self.cells()
            .filter(fits)
            .min_by_key(|(door, cell)| (cell.size, *door))
            .map(|(door, _)| door)
    }

    /// Cells with nothing in them and kept for nobody.
    pub fn n_free(&self) -> usize {
        let free = |(door, cell): &(DoorNo, &Cell)| {
            cell.state == CellState::Empty && self.is_reserved(*door).is_none()
        };
        self.cells().filter(free).count()
    }

    /// Keeps a cell of at least this size for a case's originals, the smallest that fits; one
    /// that is kept already is given up for it. `None`: the cabinet is full for this.
    pub fn reserve(&mut self, case: CaseId, size: CellSize) -> Option<DoorNo> {
        self.reserved.remove(&case);
        if self.n_free() <= self.kept_for_results {
            return None;
        }
        let door = self.free(size)?;
        self.reserved.insert(case, Reservation { door, until: None });
        self.check();
        Some(door)
    }

    /// Why no cell of this size can be kept: a cell that is free behind a silent board does not
    /// make the cabinet full.
    pub fn why_no_cell(&self, size: CellSize) -> Denied {
        let is_free = |cell: &Cell| cell.state == CellState::Empty && cell.size >= size;
        let silent = |cell: &Cell| is_free(cell) && cell.door == DoorState::Unknown;
        if self.cells.values().any(silent) { Denied::DoorUnknown } else { Denied::NoFreeCell }
    }

    pub fn reserved_for(&self, case: CaseId) -> Option<DoorNo> {
        self.reserved.get(&case).map(|kept| kept.door)
    }

    pub fn give_up(&mut self, case: CaseId) {
        self.reserved.remove(&case);
    }

    /// The session is over: its reservations last a little longer, an open door is still watched.
    /// A door that is shut and was never confirmed is in doubt.
    pub fn session_over(&mut self, now: Moment) -> Vec<Change> {
        let until = now.plus_ms(KEPT_AFTER_SESSION_MS);
        for kept in self.reserved.values_mut().filter(|kept| kept.until.is_none()) {
            kept.until = Some(until);
        }
        let Some(opening) = &mut self.opening else { return Vec::new() };
        opening.abandoned = true;
        if opening.phase == Phase::Asking {
            self.end_in_doubt(Doubt::Unconfirmed)
        } else {
            Vec::new()
        }
    }

    /// Lets reservations run out.
    pub fn tick(&mut self, now: Moment) {
        self.reserved.retain(|_, kept| kept.until.is_none_or(|until| now < until));
    }

    pub fn deadline(&self) -> Option<Moment> {
        self.reserved.values().filter_map(|kept| kept.until).min()
    }

    /// Closes a cell off and tells the hall if an envelope is concerned.
    fn doubt(
        &mut self,
        door: DoorNo,
        why: Doubt,
        held: Option<Envelope>,
        by: Option<Who>,
        changes: &mut Vec<Change>,
    ) {
        // One envelope is never written down twice, whatever went wrong before.
        let elsewhere = |envelope: &Envelope| {
            let mut others = self.cells.iter().filter(|(other, _)| **other != door);
            others.any(|(_, cell)| self::held(&cell.state).is_some_and(|h| h.is(envelope)))
        };
        let held = held.filter(|envelope| !elsewhere(envelope));
        let state = CellState::Quarantined { why, held };
        if self.cells.get(&door).is_none_or(|cell| cell.state == state) {
            return;
        }
        self.reserved.retain(|_, kept| kept.door != door);
        self.set(door, state, changes);
        let step = if why == Doubt::Unconfirmed { Step::Unconfirmed } else { Step::Quarantined };
        if let Some(envelope) = held {
            changes.push(Change::Moved { door: Some(door), envelope, step, by });
        }
        self.check();
    }

    fn set(&mut self, door: DoorNo, state: CellState, changes: &mut Vec<Change>) {
        if let Some(cell) = self.cells.get_mut(&door) {
            cell.state = state;
            changes.push(Change::Cell { door, state });
        }
    }

    /// `door_content_bijection`, `no_duplicate_originals`: holds after every step.
    fn check(&self) {
        let mut seen = BTreeSet::new();
        for (door, cell) in self.cells() {
            if let Some(envelope) = held(&cell.state) {
                let one = seen.insert((envelope.case, envelope.content, envelope.order));
                assert!(one, "door_content_bijection: {} lies in two cells", envelope.case);
            }
            let reserved = self.reserved.iter().filter(|(_, kept)| kept.door == door).count();
            assert!(reserved <= 1, "cell {door} is kept for two cases");
            assert!(
                reserved == 0 || cell.state == CellState::Empty,
                "cell {door} is kept for somebody and not empty"
            );
        }
    }
}

/// What the record says lies there, in doubt or not.
pub const fn held(state: &CellState) -> Option<Envelope> {
    match state {
        CellState::Holds(envelope) => Some(*envelope),
        CellState::Quarantined { held, .. } => *held,
        CellState::Unknown | CellState::Empty => None,
    }
}

const fn is_open(door: DoorState) -> bool {
    match door {
        DoorState::Open | DoorState::Ajar | DoorState::Forced | DoorState::Releasing => true,
        DoorState::Unknown | DoorState::Shut => false,
    }
}
