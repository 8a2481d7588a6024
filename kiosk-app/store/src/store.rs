//! The open store.

use hall_api::wire::{BATCH_EVENTS_MAX, CellUse};
use kiosk_core::custody::{self, CellState};
use kiosk_words::{CaseId, Epoch, Private};
use rusqlite::Connection;

use crate::{
    error::StoreError,
    folder::Folder,
    identity::Identity,
    lock::Lock,
    recover,
    room::{self, Room},
    vault::Vault,
    wrap::NamedWrapKey,
};

/// The store of one station; blocking, for one named thread.
///
/// See the crate's page for what it decides.
#[derive(Debug)]
pub struct Store {
    // Closed before the lock is given up: fields drop in this order.
    pub(crate) db: Connection,
    pub(crate) folder: Folder,
    pub(crate) epoch: Epoch,
    pub(crate) owner_key: Private<[u8; 32]>,
    pub(crate) wrap: NamedWrapKey,
    pub(crate) identity: Option<Identity>,
    pub(crate) vault: Vault,
    pub(crate) health: Health,
    pub(crate) _lock: Lock,
}

/// ```text
/// Well ──disk full──► Full ──room()──► Well
///   └──── I/O error ────┴────► Dead (until the process starts again)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Well,
    /// The ballast is given up: no new cases.
    Full,
    Dead,
}

/// Facts for the heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeartbeatFacts {
    /// Events not yet settled.
    pub n_outbox: u64,
    pub audit_head: kiosk_words::Digest32,
    pub n_audit: u64,
    /// By door. A door that is missing was never looked into.
    pub cells: Vec<CellFacts>,
    /// The hall has said whose staff cards are good.
    pub trusts_staff_cards: bool,
}

/// What the store knows of a cell: its half of [`hall_api::wire::CellReport`]. Size and the
/// door's own state are known elsewhere, and so are reservations, which are not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellFacts {
    pub door: u16,
    pub state: CellUse,
    /// The case whose envelope lies or may lie there.
    pub case: Option<CaseId>,
}

/// Most events that one question to the outbox returns.
pub const BATCH_MAX: usize = BATCH_EVENTS_MAX;

impl Store {
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Captured pages of the open session.
    pub const fn vault(&mut self) -> &mut Vault {
        &mut self.vault
    }

    /// Whether new cases are taken; on a full disk it looks whether there is room again and makes
    /// a new ballast. Ask every few seconds while it is full.
    pub fn room(&mut self) -> Result<Room, StoreError> {
        match self.health {
            Health::Well => Ok(Room::Enough),
            Health::Full => {
                let room = room::try_again(&self.folder)?;
                if room == Room::Enough {
                    self.health = Health::Well;
                }
                Ok(room)
            }
            Health::Dead => Err(StoreError::Dead),
        }
    }

    /// Facts for the next heartbeat.
    pub fn heartbeat(&self) -> Result<HeartbeatFacts, StoreError> {
        self.alive()?;
        let n_outbox: i64 = self
            .db
            .prepare_cached("SELECT count(*) FROM outbox WHERE answer IS NULL")?
            .query_row([], |row| row.get(0))?;
        let (audit_head, n_audit) = self.audit_head()?;
        let cells = recover::custody::cells(&self.db)?;
        let cells = cells
            .iter()
            .map(|(door, state)| CellFacts {
                door: door.get(),
                state: cell_use(state),
                case: custody::held(state).map(|envelope| envelope.case),
            })
            .collect();
        let trusts_staff_cards = !crate::staff::trust(&self.db)?.anchors.is_empty();
        let n_outbox = n_outbox.unsigned_abs();
        Ok(HeartbeatFacts { n_outbox, audit_head, n_audit, cells, trusts_staff_cards })
    }

    pub(crate) fn alive(&self) -> Result<(), StoreError> {
        if self.health == Health::Dead { Err(StoreError::Dead) } else { Ok(()) }
    }
}

const fn cell_use(state: &CellState) -> CellUse {
    match state {
        CellState::Unknown => CellUse::Unknown,
        CellState::Empty => CellUse::Empty,
        CellState::Holds(envelope) => CellUse::Holds(envelope.content),
        CellState::Quarantined { .. } => CellUse::Quarantined,
    }
}
