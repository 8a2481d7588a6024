//! What frames say: commands, replies, and the status bits of a whole board.

use std::{fmt, num::NonZeroU8};

use super::{
    ALL_LOCKS, BROKEN, FRAME_LEN, FUNC_OPEN, FUNC_QUERY, HEAD_OPEN, HEAD_QUERY, HEAD_UPLOAD_81,
    HEAD_UPLOAD_82, MADE, QUERY_ALL_EXTRA_LEN, frame, xor,
};

/// Address of a board, as its switches say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u8);

impl Address {
    /// Sources say 31 or 32.
    pub const MAX: u8 = 32;

    #[must_use]
    pub const fn new(address: u8) -> Option<Self> {
        if address >= 1 && address <= Self::MAX { Some(Self(address)) } else { None }
    }

    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One lock of a board. There is no lock 0: on the wire it is every lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockNo(NonZeroU8);

impl LockNo {
    pub const FIRST: Self = Self(NonZeroU8::MIN);
    /// As many as status bits have room for.
    pub const MAX: u8 = 56;

    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match NonZeroU8::new(number) {
            Some(known) if number <= Self::MAX => Some(Self(known)),
            Some(_) | None => None,
        }
    }

    #[must_use]
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

/// What the wire of a lock's switch is. Whether that is open or shut depends on the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// 11, a set bit.
    Made,
    /// 00, a clear bit.
    Broken,
}

impl Contact {
    const fn byte(self) -> u8 {
        match self {
            Self::Made => MADE,
            Self::Broken => BROKEN,
        }
    }

    pub(super) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            MADE => Some(Self::Made),
            BROKEN => Some(Self::Broken),
            _ => None,
        }
    }
}

/// Which status byte of a query-all reply comes first. Sources disagree: a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Locks 17 to 24, 9 to 16, 1 to 8.
    HighFirst,
    /// Locks 1 to 8, 9 to 16, 17 to 24.
    LowFirst,
}

/// The contacts of a whole board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contacts {
    /// Bit n-1 is lock n.
    made: u64,
    status_len: u8,
}

impl Contacts {
    /// All broken.
    ///
    /// # Panics
    /// If so many status bytes have more bits than there are locks.
    #[must_use]
    pub const fn new(status_len: u8) -> Self {
        assert!(status_len <= LockNo::MAX / 8, "more status bytes than a board has");
        Self { made: 0, status_len }
    }

    #[must_use]
    pub const fn with(self, lock: LockNo, contact: Contact) -> Self {
        let bit = 1 << (lock.get() - 1);
        let made = match contact {
            Contact::Made => self.made | bit,
            Contact::Broken => self.made & !bit,
        };
        Self { made, ..self }
    }

    #[must_use]
    pub const fn get(self, lock: LockNo) -> Contact {
        if self.made >> (lock.get() - 1) & 1 == 1 { Contact::Made } else { Contact::Broken }
    }

    fn encode(self, order: ByteOrder) -> Vec<u8> {
        let low_first = self.made.to_le_bytes().into_iter().take(usize::from(self.status_len));
        match order {
            ByteOrder::LowFirst => low_first.collect(),
            ByteOrder::HighFirst => low_first.rev().collect(),
        }
    }

    pub(super) fn decode(bytes: &[u8], order: ByteOrder) -> Self {
        let byte = |made: u64, byte: &u8| made << 8 | u64::from(*byte);
        let made = match order {
            ByteOrder::HighFirst => bytes.iter().fold(0, byte),
            ByteOrder::LowFirst => bytes.iter().rev().fold(0, byte),
        };
        let status_len = u8::try_from(bytes.len()).expect("a frame is shorter than 256 bytes");
        Self { made, ..Self::new(status_len) }
    }
}

/// What a host asks of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// One pulse to one lock.
    Open {
        board: Address,
        lock: LockNo,
    },
    QueryOne {
        board: Address,
        lock: LockNo,
    },
    QueryAll {
        board: Address,
    },
}

impl Command {
    #[must_use]
    pub const fn encode(self) -> [u8; FRAME_LEN] {
        match self {
            Self::Open { board, lock } => frame(HEAD_OPEN, board.get(), lock.get(), FUNC_OPEN),
            Self::QueryOne { board, lock } => {
                frame(HEAD_QUERY, board.get(), lock.get(), FUNC_QUERY)
            }
            Self::QueryAll { board } => frame(HEAD_QUERY, board.get(), ALL_LOCKS, FUNC_QUERY),
        }
    }
}

/// What a board understands. It has one order more than a host of this crate has commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Do(Command),
    /// Lock 00: every lock of the board.
    OpenAll {
        board: Address,
    },
}

impl Order {
    /// `None` for what a board answers with silence.
    #[must_use]
    pub fn decode(bytes: &[u8; FRAME_LEN]) -> Option<Self> {
        let [head, board, lock, func, _] = *bytes;
        let board = Address::new(board).filter(|_| xor(bytes) == 0)?;
        match (head, func, LockNo::new(lock)) {
            (HEAD_OPEN, FUNC_OPEN, Some(lock)) => Some(Self::Do(Command::Open { board, lock })),
            (HEAD_OPEN, FUNC_OPEN, None) if lock == ALL_LOCKS => Some(Self::OpenAll { board }),
            (HEAD_QUERY, FUNC_QUERY, Some(lock)) => {
                Some(Self::Do(Command::QueryOne { board, lock }))
            }
            (HEAD_QUERY, FUNC_QUERY, None) if lock == ALL_LOCKS => {
                Some(Self::Do(Command::QueryAll { board }))
            }
            _ => None,
        }
    }
}

/// Head of an upload: firmwares differ, the standard one sends none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadHead {
    H81,
    H82,
}

impl UploadHead {
    const fn byte(self) -> u8 {
        match self {
            Self::H81 => HEAD_UPLOAD_81,
            Self::H82 => HEAD_UPLOAD_82,
        }
    }
}

/// What a board says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Opened {
        board: Address,
        lock: LockNo,
        contact: Contact,
    },
    One {
        board: Address,
        lock: LockNo,
        contact: Contact,
    },
    All {
        board: Address,
        contacts: Contacts,
        order: ByteOrder,
    },
    /// Unasked: the contact of this lock changed.
    Upload {
        head: UploadHead,
        board: Address,
        lock: LockNo,
        contact: Contact,
    },
}

impl Reply {
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let short = |head, board: Address, lock, contact: Contact| {
            frame(head, board.get(), lock, contact.byte()).to_vec()
        };
        match self {
            Self::Opened { board, lock, contact } => short(HEAD_OPEN, board, lock.get(), contact),
            Self::One { board, lock, contact } => short(HEAD_QUERY, board, lock.get(), contact),
            Self::Upload { head, board, lock, contact } => {
                short(head.byte(), board, lock.get(), contact)
            }
            Self::All { board, contacts, order } => {
                let status = contacts.encode(order);
                let mut bytes = Vec::with_capacity(status.len() + QUERY_ALL_EXTRA_LEN);
                bytes.extend([HEAD_QUERY, board.get()]);
                bytes.extend(status);
                bytes.push(FUNC_QUERY);
                bytes.push(xor(&bytes));
                bytes
            }
        }
    }
}
