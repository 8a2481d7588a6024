//! One lock board: what it was built as, how its switches stand, and what is wrong with it.

use std::collections::VecDeque;

use locker_controller::{
    Address, BoardProfile,
    codec::{Contacts, LockNo, Reply, UploadHead},
};
use serde::{Deserialize, Serialize};

use crate::trouble::N_PLANNED_MAX;

/// One kind of wrongness of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// No answer, though the order was carried out.
    Mute,
    /// The order was not heard.
    Deaf,
    /// The answer starts so much later.
    Late {
        ms: u64,
    },
    /// So many meaningless bytes before the answer.
    Noise {
        n_bytes: u16,
    },
    BadChecksum,
}

/// A trouble waiting for its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    #[serde(flatten)]
    pub trouble: Trouble,
    /// Only answers to these orders; to any if absent.
    #[serde(default)]
    pub on: Option<On>,
    /// How many answers.
    #[serde(default = "once")]
    pub times: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    Open,
    Query,
}

const fn once() -> u32 {
    1
}

impl Planned {
    #[must_use]
    pub const fn once(trouble: Trouble) -> Self {
        Self { trouble, on: None, times: 1 }
    }

    #[must_use]
    pub const fn on(self, on: On) -> Self {
        Self { on: Some(on), ..self }
    }

    #[must_use]
    pub const fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

/// What a technician, or wear, does to a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardAct {
    Plan(Planned),
    ClearPlan,
    SetPower(Power),
    SetUploads(Uploads),
    /// The address switches; two boards can be set to one address.
    SetAddress(Address),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    On,
    Off,
}

/// Whether the firmware says unasked that a door moved, and under which head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Uploads {
    #[serde(rename = "off")]
    Off,
    #[serde(rename = "81")]
    H81,
    #[serde(rename = "82")]
    H82,
}

#[derive(Debug)]
pub(super) struct Board {
    pub(super) profile: BoardProfile,
    /// What its switches say; at first what it was built as.
    pub(super) address: Address,
    pub(super) power: Power,
    pub(super) uploads: Uploads,
    pub(super) plan: VecDeque<Planned>,
    pub(super) n_orders: u64,
}

impl Board {
    pub(super) const fn new(profile: BoardProfile) -> Self {
        Self {
            profile,
            address: profile.address(),
            power: Power::On,
            uploads: Uploads::Off,
            plan: VecDeque::new(),
            n_orders: 0,
        }
    }

    pub(super) fn touch(&mut self, act: BoardAct) {
        match act {
            BoardAct::Plan(planned) => {
                if self.plan.len() < N_PLANNED_MAX && planned.times > 0 {
                    self.plan.push_back(planned);
                }
            }
            BoardAct::ClearPlan => self.plan.clear(),
            BoardAct::SetPower(power) => self.power = power,
            BoardAct::SetUploads(uploads) => self.uploads = uploads,
            BoardAct::SetAddress(address) => self.address = address,
        }
    }

    /// The trouble of the answer to such an order.
    pub(super) fn take_planned(&mut self, order: On) -> Option<Trouble> {
        let concerns = |planned: &Planned| planned.on.is_none_or(|on| on == order);
        let at = self.plan.iter().position(concerns)?;
        let planned = &mut self.plan[at];
        planned.times -= 1;
        let trouble = planned.trouble;
        if planned.times == 0 {
            self.plan.remove(at);
        }
        Some(trouble)
    }

    /// The reply to query all, given which locks read open.
    pub(super) fn all(&self, reads_open: impl Fn(LockNo) -> bool) -> Reply {
        let polarity = self.profile.polarity();
        let contacts = self
            .profile
            .locks()
            .fold(Contacts::new(self.profile.status_len()), |contacts, lock| {
                contacts.with(lock, polarity.contact(reads_open(lock)))
            });
        Reply::All { board: self.address, contacts, order: self.profile.byte_order() }
    }

    pub(super) fn upload(&self, lock: LockNo, reads_open: bool) -> Option<Reply> {
        let head = match self.uploads {
            Uploads::Off => return None,
            Uploads::H81 => UploadHead::H81,
            Uploads::H82 => UploadHead::H82,
        };
        let contact = self.profile.polarity().contact(reads_open);
        Some(Reply::Upload { head, board: self.address, lock, contact })
    }
}
