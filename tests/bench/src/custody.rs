//! `custody_over_fdatasync`: what one opening of a door costs the disk.
//!
//! Timed are the two calls of the real store (SQLCipher, FULL) that one deposit makes, added up:
//! the authorisation with its audit line, on the disk before the door is asked; and, when the
//! person has said that all is in, the end of the authorisation, what the cell holds, the event
//! for the hall, the originals' line of the case, and three audit lines. Each is one transaction
//! with one flush, so an opening flushes twice. Not timed: the lock, the person, the core, the
//! way to the store's thread, and the filing of the case.
//!
//! The limit is one append of 4 KiB with fdatasync, on the same disk in the same run.
//!
//! What changes is said by the custody machine that ships; the records around it are those of
//! `station/locker.rs` of kiosk-core.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use device_api::locker::{DoorChanged, DoorNo, DoorState};
use kiosk_core::{
    custody::{Act, CellPlan, CellState, Change, Custody, Stored, Who},
    record::{AuditKind, Record},
};
use kiosk_store::Store;
use kiosk_words::{
    CaseId, CaseState, CellSize, ClockQuality, Moment, Originals, Private, ServiceTime, StationId,
};
use nightdesk_e2e::clock::Clock;

use crate::{
    Row, disk, median,
    specimen::{self, NOW},
    store,
};

const N_OPENINGS: u16 = 100;

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let mut keeper = Keeper::new(&folder.join("station"), N_OPENINGS)?;
    let mut samples = Vec::new();
    for _ in 0..N_OPENINGS {
        let case = keeper.file()?;
        let (door, authorised_ms) = keeper.authorise(case)?;
        samples.push(authorised_ms + keeper.confirm(case, door)?);
    }
    let limit = disk::fdatasync_ms(folder)?;
    let what = "one append of 4 KiB with fdatasync (an opening flushes twice)";
    Ok(vec![Row::new("custody_over_fdatasync", median(samples), "ms", what, limit)])
}

/// A cabinet of empty cells with the store that keeps its record.
#[derive(Debug)]
pub(crate) struct Keeper {
    store: Store,
    custody: Custody,
    station: StationId,
    clock: Clock,
    n_cases: u32,
}

impl Keeper {
    /// With a new store in `root`.
    pub(crate) fn new(root: &Path, n_cells: u16) -> Result<Self> {
        let doors: Vec<_> = (1..=n_cells).filter_map(DoorNo::new).collect();
        let plan: Vec<_> =
            doors.iter().map(|door| CellPlan { door: *door, size: CellSize::A4 }).collect();
        let cells = doors.iter().map(|door| (*door, CellState::Empty)).collect();
        let (mut custody, _) = Custody::new(&plan, &Stored { cells, ..Stored::default() }, 0);
        for door in doors {
            let (was, is) = (DoorState::Unknown, DoorState::Shut);
            custody.door_changed(DoorChanged { door, was, is });
        }
        let station = StationId::try_from(17).ok().context("17 is a station")?;
        let store = store::provision(root)?;
        Ok(Self { store, custody, station, clock: Clock::start(), n_cases: 0 })
    }

    /// A case whose originals have a cell kept for them.
    pub(crate) fn file(&mut self) -> Result<CaseId> {
        self.n_cases += 1;
        let mut filed = specimen::case(self.station, self.n_cases, &[]);
        filed.state = CaseState::filed(true);
        let case = filed.case;
        let audit = audit(AuditKind::CaseFiled, Some(case));
        self.store.persist(&[audit, Record::CaseFiled(Box::new(filed))])?;
        self.custody.reserve(case, CellSize::A4).context("no cell of the bench is free")?;
        Ok(case)
    }

    /// The door that may be asked, and how many milliseconds its authorisation took to write.
    pub(crate) fn authorise(&mut self, case: CaseId) -> Result<(DoorNo, f64)> {
        let by = Who::Citizen { number: Private::text(specimen::NUMBER) };
        let changes = self
            .custody
            .authorise(Act::Deposit { case }, by, None)
            .map_err(|why| anyhow!("a deposit is denied: {why:?}"))?;
        let took_ms = self.write(changes, case)?;
        let opening = self.custody.opening().context("nothing was authorised")?;
        let number = opening.authorisation;
        let door = self.custody.written(number).context("the door may not be asked")?;
        Ok((door, took_ms))
    }

    /// The door was open, is shut, and all is in: how many milliseconds that took to write.
    pub(crate) fn confirm(&mut self, case: CaseId, door: DoorNo) -> Result<f64> {
        self.custody.opened(door, Moment(0));
        for (was, is) in [(DoorState::Shut, DoorState::Open), (DoorState::Open, DoorState::Shut)] {
            self.custody.door_changed(DoorChanged { door, was, is });
        }
        let changes = self.custody.confirm(ServiceTime(NOW.0));
        ensure!(changes.len() == 3, "expected end, cell and move, got {changes:?}");
        self.write(changes, case)
    }

    fn write(&mut self, changes: Vec<Change>, case: CaseId) -> Result<f64> {
        let records = records(changes, case);
        let before = self.clock.us();
        self.store.persist(&records)?;
        Ok(disk::ms(self.clock.us() - before))
    }
}

/// One transaction of a deposit.
fn records(changes: Vec<Change>, case: CaseId) -> Vec<Record> {
    let mut records = Vec::new();
    for change in changes {
        match &change {
            Change::Authorised { .. } => records.push(audit(AuditKind::DoorAuthorised, Some(case))),
            Change::Ended { .. } => records.push(audit(AuditKind::DoorDone, None)),
            Change::Cell { .. } => {}
            Change::Moved { .. } => {
                let state = CaseState { originals: Originals::InCell, ..CaseState::filed(true) };
                records.push(audit(AuditKind::CustodyMoved, Some(case)));
                records.push(Record::CaseMoved { case, state, at: NOW });
                records.push(audit(AuditKind::CaseMoved, Some(case)));
            }
        }
        records.push(Record::Custody { change, at: NOW, quality: ClockQuality::Synced });
    }
    records.push(Record::ServiceTime(ServiceTime(NOW.0)));
    records
}

const fn audit(kind: AuditKind, case: Option<CaseId>) -> Record {
    Record::Audit { kind, case, session: Some(1), at: NOW, quality: ClockQuality::Synced }
}
