//! What is built in: the boards on the bus, and which door hangs on which lock of which board.
//!
//! It decides what a cabinet can be and says what is wrong with one that cannot; where the facts
//! come from (`machine.toml`) is the app's business.

use std::collections::BTreeMap;

use device_api::locker::DoorNo;

use crate::codec::{Address, ByteOrder, Contact, LockNo};

/// Most channels a board of this family is sold with.
pub const N_CHANNELS_MAX: u8 = 50;
/// Status bytes of a query-all reply at least: an 8-way board was seen to send three as well.
const STATUS_LEN_MIN: u8 = 3;

/// When the contact in the lock is made. No code on the wire tells it: a wrong value turns every
/// door round, so it is checked at commissioning with a hand on a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// 上锁短路: 11 is shut.
    ShortWhenLocked,
    /// 开锁短路: 11 is open.
    ShortWhenOpen,
}

/// One board as it was wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardProfile {
    address: Address,
    n_channels: u8,
    polarity: Polarity,
    byte_order: ByteOrder,
}

/// Where a door hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub board: Address,
    pub lock: LockNo,
}

/// The boards and doors of one bus, known to fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cabinet {
    boards: Vec<BoardProfile>,
    doors: BTreeMap<DoorNo, Place>,
}

/// A cabinet that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCabinet {
    #[error("a board address is 1 to {max}, got {got}", max = Address::MAX)]
    Address { got: u8 },
    #[error("board {board} has 1 to {N_CHANNELS_MAX} channels, got {got}")]
    Channels { board: u8, got: u8 },
    #[error("a cabinet has a board, got none")]
    NoBoard,
    #[error("every board has an address of its own, got {address} twice")]
    AddressTwice { address: u8 },
    #[error("a cabinet has a door, got none")]
    NoDoor,
    #[error("every door stands once, got door {door} twice")]
    DoorTwice { door: DoorNo },
    #[error("door {door} hangs on a board of the cabinet, got board {got}")]
    NoSuchBoard { door: DoorNo, got: u8 },
    #[error("door {door} hangs on lock 1 to {n_channels} of board {board}, got lock {got}")]
    NoSuchLock { door: DoorNo, board: u8, n_channels: u8, got: u8 },
    #[error(
        "every lock holds one door, got doors {first} and {second} on lock {lock} of board {board}"
    )]
    LockTwice { board: u8, lock: u8, first: DoorNo, second: DoorNo },
}

impl BoardProfile {
    pub fn new(
        address: u8,
        n_channels: u8,
        polarity: Polarity,
        byte_order: ByteOrder,
    ) -> Result<Self, BadCabinet> {
        let known = Address::new(address).ok_or(BadCabinet::Address { got: address })?;
        if !(1..=N_CHANNELS_MAX).contains(&n_channels) {
            return Err(BadCabinet::Channels { board: address, got: n_channels });
        }
        Ok(Self { address: known, n_channels, polarity, byte_order })
    }

    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    #[must_use]
    pub const fn n_channels(&self) -> u8 {
        self.n_channels
    }

    #[must_use]
    pub const fn polarity(&self) -> Polarity {
        self.polarity
    }

    #[must_use]
    pub const fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// Status bytes in this board's reply to query all.
    #[must_use]
    pub fn status_len(&self) -> u8 {
        self.n_channels.div_ceil(8).max(STATUS_LEN_MIN)
    }

    #[must_use]
    pub fn lock(&self, number: u8) -> Option<LockNo> {
        LockNo::new(number).filter(|lock| lock.get() <= self.n_channels)
    }

    pub fn locks(&self) -> impl Iterator<Item = LockNo> + use<> {
        (1..=self.n_channels).filter_map(LockNo::new)
    }
}

impl Polarity {
    #[must_use]
    pub fn is_open(self, contact: Contact) -> bool {
        match self {
            Self::ShortWhenLocked => contact == Contact::Broken,
            Self::ShortWhenOpen => contact == Contact::Made,
        }
    }

    /// What the contact of an open or shut door is.
    #[must_use]
    pub fn contact(self, is_open: bool) -> Contact {
        let made = match self {
            Self::ShortWhenLocked => !is_open,
            Self::ShortWhenOpen => is_open,
        };
        if made { Contact::Made } else { Contact::Broken }
    }
}

impl Cabinet {
    /// `doors` are (door, address of its board, lock on that board). Channels without a door are
    /// allowed; they are never opened and never looked at.
    pub fn new(boards: Vec<BoardProfile>, doors: &[(DoorNo, u8, u8)]) -> Result<Self, BadCabinet> {
        if boards.is_empty() {
            return Err(BadCabinet::NoBoard);
        }
        for (n, board) in boards.iter().enumerate() {
            if boards.iter().take(n).any(|before| before.address == board.address) {
                return Err(BadCabinet::AddressTwice { address: board.address.get() });
            }
        }
        if doors.is_empty() {
            return Err(BadCabinet::NoDoor);
        }
        let mut cabinet = Self { boards, doors: BTreeMap::new() };
        for (door, board, lock) in doors {
            cabinet.hang(*door, *board, *lock)?;
        }
        Ok(cabinet)
    }

    /// A door on every lock, numbered board by board.
    pub fn in_order(boards: Vec<BoardProfile>) -> Result<Self, BadCabinet> {
        let locks = boards
            .iter()
            .flat_map(|board| board.locks().map(|lock| (board.address.get(), lock.get())));
        let doors: Vec<(DoorNo, u8, u8)> = (1..)
            .filter_map(DoorNo::new)
            .zip(locks)
            .map(|(door, (board, lock))| (door, board, lock))
            .collect();
        Self::new(boards, &doors)
    }

    fn hang(&mut self, door: DoorNo, board: u8, lock: u8) -> Result<(), BadCabinet> {
        let profile = self.boards.iter().find(|profile| profile.address.get() == board);
        let profile = profile.ok_or(BadCabinet::NoSuchBoard { door, got: board })?;
        let n_channels = profile.n_channels;
        let known = profile.lock(lock).ok_or(BadCabinet::NoSuchLock {
            door,
            board,
            n_channels,
            got: lock,
        })?;
        let place = Place { board: profile.address, lock: known };
        if let Some((first, _)) = self.doors.iter().find(|(_, other)| **other == place) {
            let first = *first;
            return Err(if first == door {
                BadCabinet::DoorTwice { door }
            } else {
                BadCabinet::LockTwice { board, lock, first, second: door }
            });
        }
        match self.doors.insert(door, place) {
            None => Ok(()),
            Some(_) => Err(BadCabinet::DoorTwice { door }),
        }
    }

    #[must_use]
    pub fn boards(&self) -> &[BoardProfile] {
        &self.boards
    }

    #[must_use]
    pub fn board(&self, address: Address) -> Option<&BoardProfile> {
        self.boards.iter().find(|board| board.address == address)
    }

    #[must_use]
    pub const fn doors(&self) -> &BTreeMap<DoorNo, Place> {
        &self.doors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(address: u8, n_channels: u8) -> BoardProfile {
        let (polarity, order) = (Polarity::ShortWhenLocked, ByteOrder::HighFirst);
        BoardProfile::new(address, n_channels, polarity, order).unwrap()
    }

    fn door(number: u16) -> DoorNo {
        DoorNo::new(number).unwrap()
    }

    fn said(boards: Vec<BoardProfile>, doors: &[(u16, u8, u8)]) -> String {
        let doors: Vec<_> = doors.iter().map(|(no, b, l)| (door(*no), *b, *l)).collect();
        Cabinet::new(boards, &doors).unwrap_err().to_string()
    }

    #[test]
    fn a_cabinet_that_cannot_be_says_what_was_expected_and_what_came() {
        let two = || vec![board(1, 12), board(2, 12)];
        assert_eq!(said(vec![], &[(1, 1, 1)]), "a cabinet has a board, got none");
        assert_eq!(said(two(), &[]), "a cabinet has a door, got none");
        assert_eq!(
            said(vec![board(1, 12), board(1, 8)], &[(1, 1, 1)]),
            "every board has an address of its own, got 1 twice"
        );
        assert_eq!(
            said(two(), &[(1, 1, 1), (1, 2, 1)]),
            "every door stands once, got door 01 twice"
        );
        assert_eq!(
            said(two(), &[(1, 1, 1), (1, 1, 1)]),
            "every door stands once, got door 01 twice"
        );
        assert_eq!(
            said(two(), &[(1, 3, 1)]),
            "door 01 hangs on a board of the cabinet, got board 3"
        );
        for (lock, what) in [(13, "got lock 13"), (0, "got lock 0")] {
            assert_eq!(
                said(two(), &[(7, 1, lock)]),
                format!("door 07 hangs on lock 1 to 12 of board 1, {what}")
            );
        }
        assert_eq!(
            said(two(), &[(1, 1, 5), (2, 1, 5)]),
            "every lock holds one door, got doors 01 and 02 on lock 5 of board 1"
        );
    }

    #[test]
    fn a_board_that_cannot_be_says_so() {
        let (polarity, order) = (Polarity::ShortWhenOpen, ByteOrder::LowFirst);
        for (address, n_channels, said) in [
            (0, 12, "a board address is 1 to 32, got 0"),
            (33, 12, "a board address is 1 to 32, got 33"),
            (4, 0, "board 4 has 1 to 50 channels, got 0"),
            (4, 51, "board 4 has 1 to 50 channels, got 51"),
        ] {
            let bad = BoardProfile::new(address, n_channels, polarity, order).unwrap_err();
            assert_eq!(bad.to_string(), said);
        }
    }

    #[test]
    fn doors_in_order_go_on_over_the_boards() {
        let cabinet = Cabinet::in_order(vec![board(1, 12), board(2, 12)]).unwrap();
        assert_eq!(cabinet.doors().len(), 24);
        let place = cabinet.doors()[&door(13)];
        assert_eq!((place.board.get(), place.lock.get()), (2, 1));
    }

    #[test]
    fn status_bytes_are_three_at_least() {
        for (n_channels, len) in [(2, 3), (8, 3), (24, 3), (25, 4), (32, 4), (36, 5), (50, 7)] {
            assert_eq!(board(1, n_channels).status_len(), len);
        }
    }
}
