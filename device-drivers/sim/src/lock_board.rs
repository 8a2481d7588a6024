//! The twin of a cabinet: "8A/80" lock boards on one RS-485 line, and their doors.
//!
//! A board answers only its address, and bad frames with silence. A frame that comes without the
//! mandatory gap after whatever was on the line before is lost, as measured on real boards.
//! Doors are numbered board by board, lock by lock. The adapter of the host may echo.
//!
//! How long a board thinks before it answers is not known: it takes as long as it needs to see
//! that the frame is over.

mod board;
mod door;

use kiosk_words::Moment;
use locker_controller::{
    Address, BAUD, BoardProfile, ByteOrder, Cabinet, Polarity,
    codec::{Command, Contact, FRAME_LEN, LockNo, Order, Reply},
};
use serde::Serialize;

use self::{board::Board, door::Door};
pub use self::{
    board::{BoardAct, On, Planned, Power, Trouble, Uploads},
    door::{DoorAct, Reads},
};
use crate::{
    port::Twin,
    trouble::Noise,
    wire::{Speak, dribble, wire_us},
};

/// A board takes a frame only after so much silence: 3.5 characters at 9600.
pub const GAP_US: u64 = 3_646;
/// From the end of a frame to the first byte of the answer.
pub const TURNAROUND_US: u64 = 4_000;
/// Exchanges that are remembered: more are never under way at once.
const N_TALKS_MAX: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// By number of the door.
    Door(u16, DoorAct),
    /// By the address the board was built with.
    Board(Address, BoardAct),
    SetEcho(Echo),
}

/// Whether the host's adapter hears itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Echo {
    On,
    Off,
}

/// What a person sees who stands before the cabinet, with its back open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CabinetLook {
    pub echo: Echo,
    /// Frames that came too early after the last.
    pub n_frames_lost: u64,
    pub boards: Vec<BoardLook>,
    pub doors: Vec<DoorLook>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardLook {
    pub board: u8,
    pub address: u8,
    pub n_channels: u8,
    pub power: Power,
    pub uploads: Uploads,
    pub planned: Vec<Planned>,
    pub n_orders: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoorLook {
    pub door: u16,
    pub board: u8,
    pub lock: u8,
    pub is_open: bool,
    pub is_unbolted: bool,
    pub leant_on: bool,
    pub jammed: bool,
    pub sensor: Option<Reads>,
    pub crossed_to: Option<u16>,
    pub n_pulses: u32,
}

#[derive(Debug)]
pub struct LockBoards {
    boards: Vec<Board>,
    /// By board, then lock.
    doors: Vec<Vec<Door>>,
    echo: Echo,
    line_rate: Option<u32>,
    /// Bytes since the last silence.
    frame: Vec<u8>,
    /// When the line is or will be taken, by anybody, in microseconds.
    talks: Vec<(u64, u64)>,
    n_frames_lost: u64,
    noise: Noise,
}

/// The cabinet of `devsim`: two boards of twelve, doors 1 to 24.
///
/// # Panics
/// Never: the cabinet is a good one.
#[must_use]
pub fn cabinet() -> Cabinet {
    let board = |address| {
        BoardProfile::new(address, 12, Polarity::ShortWhenLocked, ByteOrder::HighFirst)
            .expect("twelve channels")
    };
    Cabinet::in_order(vec![board(1), board(2)]).expect("every door has its lock")
}

impl LockBoards {
    #[must_use]
    pub fn new(profiles: &[BoardProfile]) -> Self {
        let doors_of = |profile: &BoardProfile| profile.locks().map(|_| Door::default()).collect();
        Self {
            boards: profiles.iter().map(|profile| Board::new(*profile)).collect(),
            doors: profiles.iter().map(doors_of).collect(),
            echo: Echo::Off,
            line_rate: None,
            frame: Vec::new(),
            talks: Vec::new(),
            n_frames_lost: 0,
            noise: Noise::new(0x9E37_79B9),
        }
    }

    /// Takes bytes from the line and keeps the whole frames apart by the silence between them.
    fn take(&mut self, bytes: &[u8], from_us: u64) -> Option<(Order, u64)> {
        let quiet_since_us = self.last_talk_us(from_us);
        let heard_us = from_us + wire_us(bytes.len(), BAUD);
        self.note_talk(from_us, heard_us);
        if quiet_since_us.is_none_or(|since_us| from_us >= since_us + GAP_US) {
            self.frame.clear();
        } else if self.frame.is_empty() {
            self.n_frames_lost += 1;
            return None;
        }
        self.frame.extend_from_slice(bytes);
        if self.frame.len() < FRAME_LEN {
            return None;
        }
        let frame = std::mem::take(&mut self.frame);
        let order = Order::decode(frame[..].try_into().ok()?)?;
        Some((order, heard_us))
    }

    /// When the line was last taken before this moment, or until when it is.
    fn last_talk_us(&self, at_us: u64) -> Option<u64> {
        self.talks.iter().filter(|(from, _)| *from <= at_us).map(|(_, until)| *until).max()
    }

    fn note_talk(&mut self, from_us: u64, until_us: u64) {
        if self.talks.len() == N_TALKS_MAX {
            self.talks.remove(0);
        }
        self.talks.push((from_us, until_us));
    }

    fn obey(&mut self, order: Order, heard_us: u64) -> Vec<Speak> {
        let address = match order {
            Order::OpenAll { board } => board,
            Order::Do(
                Command::Open { board, .. }
                | Command::QueryOne { board, .. }
                | Command::QueryAll { board },
            ) => board,
        };
        let mut said = Vec::new();
        for idx in 0..self.boards.len() {
            let board = &self.boards[idx];
            if board.address == address && board.power == Power::On {
                said.extend(self.answer(idx, order, heard_us));
            }
        }
        said
    }

    fn answer(&mut self, idx: usize, order: Order, heard_us: u64) -> Vec<Speak> {
        let kind = match order {
            Order::OpenAll { .. } | Order::Do(Command::Open { .. }) => On::Open,
            Order::Do(Command::QueryOne { .. } | Command::QueryAll { .. }) => On::Query,
        };
        let trouble = self.boards[idx].take_planned(kind);
        if trouble == Some(Trouble::Deaf) {
            return Vec::new();
        }
        self.boards[idx].n_orders += 1;
        let reply = match order {
            // What a board says to that is not known.
            Order::OpenAll { .. } => {
                let locks: Vec<LockNo> = self.boards[idx].profile.locks().collect();
                locks.iter().for_each(|lock| self.pulse(idx, *lock, heard_us));
                None
            }
            Order::Do(command) => self.carry_out(idx, command, heard_us),
        };
        reply.map_or_else(Vec::new, |reply| self.speak(reply.encode(), trouble, heard_us))
    }

    /// `None` for a channel the board does not have.
    fn carry_out(&mut self, idx: usize, command: Command, heard_us: u64) -> Option<Reply> {
        let profile = self.boards[idx].profile;
        match command {
            Command::Open { board, lock } => {
                let lock = profile.lock(lock.get())?;
                self.pulse(idx, lock, heard_us);
                Some(Reply::Opened { board, lock, contact: self.contact(idx, lock) })
            }
            Command::QueryOne { board, lock } => {
                let lock = profile.lock(lock.get())?;
                Some(Reply::One { board, lock, contact: self.contact(idx, lock) })
            }
            Command::QueryAll { .. } => {
                let reads_open = |lock: LockNo| self.doors[idx][at(lock)].reads_open();
                Some(self.boards[idx].all(reads_open))
            }
        }
    }

    fn contact(&self, idx: usize, lock: LockNo) -> Contact {
        let polarity = self.boards[idx].profile.polarity();
        polarity.contact(self.doors[idx][at(lock)].reads_open())
    }

    /// How often the output of each lock was driven since the start, by the number of its door. Where
    /// cables are crossed, the bolt of another door was drawn back for it.
    pub fn n_driven(&self) -> impl Iterator<Item = (u16, u32)> {
        (1..).zip(self.doors.iter().flatten().map(|door| door.n_driven))
    }

    fn pulse(&mut self, idx: usize, lock: LockNo, at_us: u64) {
        self.doors[idx][at(lock)].n_driven += 1;
        let crossed_to = self.doors[idx][at(lock)].crossed_to;
        let (board, lock) = match crossed_to.and_then(|number| self.find(number)) {
            Some(place) => place,
            None => (idx, at(lock)),
        };
        self.doors[board][lock].pulse(at_us);
    }

    /// Puts a reply on the line, spoiled as planned.
    fn speak(&mut self, mut bytes: Vec<u8>, trouble: Option<Trouble>, heard_us: u64) -> Vec<Speak> {
        let mut from_us = heard_us + TURNAROUND_US;
        match trouble {
            None => {}
            Some(Trouble::Mute | Trouble::Deaf) => return Vec::new(),
            Some(Trouble::Late { ms }) => from_us += ms * 1_000,
            Some(Trouble::BadChecksum) => {
                if let Some(check) = bytes.last_mut() {
                    *check ^= 0x5A;
                }
            }
            Some(Trouble::Noise { n_bytes }) => bytes = self.noise.before(n_bytes, &bytes),
        }
        let (said, until_us) = dribble(&bytes, BAUD, from_us, 0);
        self.note_talk(from_us, until_us);
        said
    }

    /// What boards say unasked of doors that read otherwise than before. An upload into a taken
    /// line is lost but for its first bytes, which spoil what was there.
    fn uploads(&mut self, before: &[Vec<bool>], now_us: u64) -> Vec<Speak> {
        let (mut said, mut from_us) = (Vec::new(), now_us);
        for mut bytes in self.news(before) {
            if self.last_talk_us(from_us).is_some_and(|until_us| until_us > from_us) {
                bytes.truncate(2);
            }
            let (pieces, until_us) = dribble(&bytes, BAUD, from_us, 0);
            self.note_talk(from_us, until_us);
            said.extend(pieces);
            from_us = until_us + GAP_US;
        }
        said
    }

    /// The uploads of doors that read otherwise than before.
    fn news(&self, before: &[Vec<bool>]) -> Vec<Vec<u8>> {
        let mut news = Vec::new();
        for ((board, doors), before) in self.boards.iter().zip(&self.doors).zip(before) {
            for ((lock, door), was_open) in board.profile.locks().zip(doors).zip(before) {
                if door.reads_open() != *was_open && board.power == Power::On {
                    news.extend(board.upload(lock, door.reads_open()).map(Reply::encode));
                }
            }
        }
        news
    }

    fn readings(&self) -> Vec<Vec<bool>> {
        self.doors.iter().map(|doors| doors.iter().map(Door::reads_open).collect()).collect()
    }

    /// Board and lock of a door by its number, counted from 0.
    fn find(&self, number: u16) -> Option<(usize, usize)> {
        let mut left = usize::from(number).checked_sub(1)?;
        for (idx, doors) in self.doors.iter().enumerate() {
            if left < doors.len() {
                return Some((idx, left));
            }
            left -= doors.len();
        }
        None
    }

    fn look_at_board(board: &Board) -> BoardLook {
        BoardLook {
            board: board.profile.address().get(),
            address: board.address.get(),
            n_channels: board.profile.n_channels(),
            power: board.power,
            uploads: board.uploads,
            planned: board.plan.iter().copied().collect(),
            n_orders: board.n_orders,
        }
    }

    fn look_at_doors(&self, now_us: u64) -> Vec<DoorLook> {
        let each = self.boards.iter().zip(&self.doors).flat_map(|(board, doors)| {
            board.profile.locks().zip(doors).map(move |(lock, door)| (board, lock, door))
        });
        let look = |(number, (board, lock, door)): (u16, (&Board, LockNo, &Door))| DoorLook {
            door: number,
            board: board.profile.address().get(),
            lock: lock.get(),
            is_open: door.is_open,
            is_unbolted: door.is_unbolted(now_us),
            leant_on: door.leant_on,
            jammed: door.jammed,
            sensor: door.sensor,
            crossed_to: door.crossed_to,
            n_pulses: door.n_pulses,
        };
        (1..).zip(each).map(look).collect()
    }
}

/// Index of a lock among the doors of its board.
fn at(lock: LockNo) -> usize {
    usize::from(lock.get()) - 1
}

impl Twin for LockBoards {
    type Act = Act;
    type Look = CabinetLook;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        if self.line_rate.is_some_and(|rate| rate != BAUD) {
            return Vec::new();
        }
        let (from_us, before) = (now.0 * 1_000, self.readings());
        let mut said = match self.echo {
            Echo::On => dribble(bytes, BAUD, from_us, 0).0,
            Echo::Off => Vec::new(),
        };
        if let Some((order, heard_us)) = self.take(bytes, from_us) {
            said.extend(self.obey(order, heard_us));
            let free_us = self.talks.iter().map(|(_, until)| *until).max().unwrap_or(heard_us);
            said.extend(self.uploads(&before, free_us + GAP_US));
        }
        said
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        let (now_us, before) = (now.0 * 1_000, self.readings());
        match act {
            Act::Door(number, act) => {
                if let Some((board, lock)) = self.find(number) {
                    self.doors[board][lock].touch(act, now_us);
                }
            }
            Act::Board(built_as, act) => {
                let board = self.boards.iter_mut().find(|b| b.profile.address() == built_as);
                if let Some(board) = board {
                    board.touch(act);
                }
            }
            Act::SetEcho(echo) => self.echo = echo,
        }
        self.uploads(&before, now_us)
    }

    fn look(&self, now: Moment) -> CabinetLook {
        CabinetLook {
            echo: self.echo,
            n_frames_lost: self.n_frames_lost,
            boards: self.boards.iter().map(Self::look_at_board).collect(),
            doors: self.look_at_doors(now.0 * 1_000),
        }
    }

    fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    /// The cable to the adapter: boards and doors have power of their own.
    fn power_cycle(&mut self) {
        self.frame.clear();
    }
}
