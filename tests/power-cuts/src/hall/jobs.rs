//! What the hall is asked, and where each of it leads: the use cases of its handlers, drawn by
//! chance.

use std::collections::BTreeMap;

use hall_api::wire::{
    Answer, By, CaseFiled, CellReport, CellUse, CustodyMoved, CustodyStep, EventBody,
    EventEnvelope, Heartbeat,
};
use hall_server::{
    store::{
        StoreError, WriteContext, cases, chain,
        events::{self, Checked, Filing, Verdict},
        stations::{self, Enrolled, Enrolment},
    },
    tls::Peer,
};
use kiosk_words::{
    CaseId, CellSize, ClockQuality, Content, Digest32, Epoch, Handling, MatterId, Originals,
    ReceiptNo, Seq, StationId, WallTime,
};
use sha2::{Digest as _, Sha256};
use testkit::Random;
use uuid::Uuid;

use crate::station::NOW;

const STATIONS: [u16; 3] = [17, 23, 4001];
/// Most events of a station in one batch here.
const EVENTS_MAX: u64 = 4;
/// A sealed record, and one with many strokes.
const RECORD_BYTES: usize = 2_000;
const LONG_RECORD_BYTES: usize = 60_000;
/// Cells in a heartbeat; the largest map fills the log.
const CELLS: u16 = 40;
const CELLS_MAX: u16 = 500;
/// Blocks of receipt counters given to a station at once; more than it files here.
const BLOCKS: usize = 6;

/// What the tables hold of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    /// By station and seq.
    pub(super) events: BTreeMap<(u16, u64), CaseId>,
    pub(super) cases: BTreeMap<CaseId, CaseRow>,
    /// Outbox counters of the last heartbeats.
    pub(super) beats: BTreeMap<u16, u64>,
    pub(super) n_certificates: u64,
    pub(super) n_lines: u64,
    pub(super) n_feed: u64,
    pub(super) n_heads: u64,
    pub(super) n_held: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CaseRow {
    pub(super) station: u16,
    pub(super) originals: String,
    pub(super) handling: String,
    pub(super) revision: i64,
    /// Lines of custody.
    pub(super) n_moves: u64,
}

impl State {
    pub(super) const fn n_stations(&self) -> u64 {
        self.n_certificates
    }

    fn next_seq(&self, station: u16) -> u64 {
        let of_station = self.events.range((station, 0)..=(station, u64::MAX));
        of_station.last().map_or(1, |((_, seq), _)| seq + 1)
    }

    fn n_cases_of(&self, station: u16) -> u32 {
        let n = self.cases.values().filter(|case| case.station == station).count();
        u32::try_from(n).expect("few cases")
    }

    fn find(&self, station: u16, originals: Originals) -> Option<CaseId> {
        let word = cases::originals_text(originals);
        let fits = |(_, case): &(_, &CaseRow)| case.station == station && case.originals == word;
        self.cases.iter().find(fits).map(|(case, _)| *case)
    }
}

/// One use case.
#[derive(Debug, Clone)]
pub(super) enum Job {
    Enrol,
    Batch { station: u16, events: Vec<EventEnvelope> },
    Beat(Box<Heartbeat>),
    Step { case: CaseId, revision: i64 },
}

/// All stations, with a certificate and counters.
pub(super) fn enrol(state: &mut State) -> Job {
    let job = Job::Enrol;
    job.apply(state);
    job
}

/// One use case that the state allows; the state goes on with it.
pub(super) fn draw(state: &mut State, chance: &mut Random) -> Job {
    let station = *chance.pick(&STATIONS);
    let waiting = state.cases.iter().find(|(_, case)| case.handling == "awaiting_review");
    let waiting = waiting.map(|(case, row)| (*case, row.revision));
    let job = match (chance.below(10), waiting) {
        (0 | 1, Some((case, revision))) => Job::Step { case, revision },
        (2 | 3, _) => Job::Beat(Box::new(beat(state, station, chance))),
        _ => return batch(state, station, chance),
    };
    job.apply(state);
    job
}

fn beat(state: &State, station: u16, chance: &mut Random) -> Heartbeat {
    let n_cells = if chance.chance(15) { CELLS_MAX } else { CELLS };
    let n = state.beats.get(&station).map_or(1, |n| n + 1);
    Heartbeat {
        station: station_id(station),
        epoch: epoch(station),
        n_outbox: n,
        audit_head: Digest32(Sha256::digest(n.to_be_bytes()).into()),
        n_audit: n,
        reader: "ready".to_owned(),
        version: "0.1.0".to_owned(),
        cells: (1..=n_cells)
            .map(|door| CellReport {
                door,
                size: CellSize::A4,
                state: CellUse::Empty,
                case: None,
                door_state: "shut".to_owned(),
            })
            .collect(),
    }
}

fn batch(state: &mut State, station: u16, chance: &mut Random) -> Job {
    let mut events = Vec::new();
    for _ in 0..=chance.below(EVENTS_MAX) {
        let event = event(state, station, chance);
        apply_event(state, station, &event);
        events.push(event);
    }
    Job::Batch { station, events }
}

fn event(state: &State, station: u16, chance: &mut Random) -> EventEnvelope {
    let seq = Seq(state.next_seq(station));
    let moved = match chance.below(4) {
        0 => state.find(station, Originals::AwaitingCell).map(|c| (c, CustodyStep::Deposited)),
        1 => state.find(station, Originals::InCell).map(|c| (c, CustodyStep::TakenByStaff)),
        _ => None,
    };
    let (case, body) = match moved {
        Some((case, step)) => (case, EventBody::Custody(custody(step))),
        None => filing(state.n_cases_of(station) + 1, station, chance),
    };
    let body = serde_json::to_string(&body).expect("an event has text keys only");
    EventEnvelope { seq, case, body_hash: Digest32(Sha256::digest(&body).into()), body }
}

const fn custody(step: CustodyStep) -> CustodyMoved {
    CustodyMoved {
        door: 3,
        content: Content::Materials,
        order: None,
        step,
        by: By::Citizen,
        at: NOW,
        quality: ClockQuality::Synced,
    }
}

fn filing(n: u32, station: u16, chance: &mut Random) -> (CaseId, EventBody) {
    let mut random = [0x3c; 10];
    random[..2].copy_from_slice(&station.to_be_bytes());
    random[2..6].copy_from_slice(&n.to_be_bytes());
    let n_bytes = if chance.chance(10) { LONG_RECORD_BYTES } else { RECORD_BYTES };
    let filed = CaseFiled {
        receipt: ReceiptNo::new(station_id(station), n).expect("few cases"),
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 1,
        discreet: false,
        needs_originals: chance.chance(60),
        deposited: NOW,
        quality: ClockQuality::Synced,
        sealed_record: "x".repeat(n_bytes),
        sealed_scan_key: None,
        scans: Vec::new(),
    };
    (CaseId::new(NOW.0.unsigned_abs() + u64::from(n), random), EventBody::CaseFiled(filed))
}

/// What the hall's checks before the store would make of an event that a station made.
fn checked(event: &EventEnvelope) -> Checked {
    let verdict = match read(event) {
        EventBody::CaseFiled(filed) => {
            let matter_name = "烟草专卖零售许可证延续".to_owned();
            Verdict::Filed(Box::new(Filing { filed, matter_name }))
        }
        EventBody::Custody(moved) => Verdict::Custody(Box::new(moved)),
    };
    Checked { event: event.clone(), verdict }
}

fn read(event: &EventEnvelope) -> EventBody {
    serde_json::from_str(&event.body).expect("it was written here")
}

fn apply_event(state: &mut State, station: u16, event: &EventEnvelope) {
    state.events.insert((station, event.seq.0), event.case);
    match read(event) {
        EventBody::CaseFiled(filed) => {
            let needs = filed.needs_originals;
            let originals = if needs { Originals::AwaitingCell } else { Originals::NotNeeded };
            let row = CaseRow {
                station,
                originals: cases::originals_text(originals),
                handling: "awaiting_review".to_owned(),
                revision: 0,
                n_moves: 0,
            };
            state.cases.insert(event.case, row);
        }
        EventBody::Custody(moved) => {
            let is_deposit = moved.step == CustodyStep::Deposited;
            let originals = if is_deposit { Originals::InCell } else { Originals::TakenByHall };
            let case = state.cases.get_mut(&event.case).expect("moves are of cases");
            case.originals = cases::originals_text(originals);
            case.n_moves += 1;
            state.n_lines += 1;
        }
    }
}

impl Job {
    pub(super) const fn is_batch(&self) -> bool {
        matches!(self, Self::Batch { .. })
    }

    /// Where the tables are afterwards.
    pub(super) fn apply(&self, state: &mut State) {
        match self {
            Self::Enrol => {
                let n = STATIONS.len() as u64;
                state.n_certificates += n;
                // A code was made and used.
                state.n_lines += 2 * n;
            }
            Self::Batch { station, events } => {
                events.iter().for_each(|event| apply_event(state, *station, event));
            }
            Self::Beat(beat) => {
                state.beats.insert(u16::from(beat.station), beat.n_outbox);
                state.n_heads += 1;
            }
            Self::Step { case, .. } => {
                let case = state.cases.get_mut(case).expect("clerks see cases");
                case.handling = "accepted".to_owned();
                case.revision += 1;
                state.n_lines += 1;
                state.n_feed += 1;
            }
        }
    }

    /// On the writer's thread. Answers to events, if it is a batch, and the chain so far.
    pub(super) fn run(
        &self,
        context: &mut WriteContext<'_>,
    ) -> Result<(Vec<Answer>, chain::Head), StoreError> {
        let unexpected = |what| StoreError::Content { what };
        let mut answers = Vec::new();
        match self {
            Self::Enrol => STATIONS.iter().try_for_each(|station| enrol_one(context, *station))?,
            Self::Batch { station, events } => {
                let checked: Vec<Checked> = events.iter().map(checked).collect();
                let taken = events::accept_batch(context, &peer(*station), &checked, NOW)?;
                let taken = taken.map_err(|_| unexpected("a certificate that stood"))?;
                answers = taken.into_iter().map(|event| event.answer).collect();
            }
            Self::Beat(beat) => {
                stations::heartbeat(context, beat, NOW)?;
            }
            Self::Step { case, revision } => {
                let next = accepted();
                let step = cases::step(context, *case, *revision, &next, "clerk", NOW)?;
                step.map_err(|_| unexpected("a case that may be accepted"))?;
            }
        }
        Ok((answers, chain::head(context.sql)?))
    }
}

fn accepted() -> Handling {
    Handling::Accepted { number: "2026-0001".to_owned(), on: "2026-03-06".to_owned() }
}

fn enrol_one(context: &WriteContext<'_>, station: u16) -> Result<(), StoreError> {
    let unexpected = |what| StoreError::Content { what };
    let Peer { station: id, epoch, fingerprint } = peer(station);
    let late = WallTime(NOW.0 + 1_000_000);
    stations::add_code(context, id, Some("样本站"), ("unused", 5), NOW, late)?;
    let code = stations::newest_code(context.sql, id)?.ok_or(unexpected("the code just made"))?;
    let enrolment = Enrolment {
        code: code.id,
        station: id,
        epoch,
        request_hash: [0; 32],
        fingerprint,
        not_after: late,
    };
    match stations::enrol(context, &enrolment, NOW)? {
        Enrolled::Done => {}
        Enrolled::CodeGone | Enrolled::EpochTaken => return Err(unexpected("a new code")),
    }
    for _ in 0..BLOCKS {
        stations::new_block(context, id, epoch)?;
    }
    Ok(())
}

fn peer(station: u16) -> Peer {
    let fingerprint = Sha256::digest(station.to_be_bytes()).into();
    Peer { station: station_id(station), epoch: epoch(station), fingerprint }
}

fn station_id(station: u16) -> StationId {
    StationId::try_from(station).expect("the numbers above are stations")
}

fn epoch(station: u16) -> Epoch {
    Epoch(Uuid::from_u128(u128::from(station)))
}
