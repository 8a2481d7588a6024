//! Short APDUs of ISO 7816-4: `CLA INS P1 P2 [Lc data] [Le]` out, `data SW1 SW2` in.

use kiosk_words::Private;

/// Data of a short command at most.
pub const DATA_LEN_MAX: usize = 255;

/// Two bytes that end every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    pub const OK: Self = Self(0x9000);
    /// The selected file or application was invalidated.
    pub const INVALIDATED: Self = Self(0x6283);
    pub const WRONG_LENGTH: Self = Self(0x6700);
    pub const SECURITY: Self = Self(0x6982);
    /// The PIN (or PUK) was wrong too often.
    pub const PIN_BLOCKED: Self = Self(0x6983);
    pub const CONDITIONS: Self = Self(0x6985);
    pub const NO_FILE_SELECTED: Self = Self(0x6986);
    pub const BAD_DATA: Self = Self(0x6A80);
    pub const FUNCTION: Self = Self(0x6A81);
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    pub const PARAMETERS: Self = Self(0x6A86);
    pub const DATA_NOT_FOUND: Self = Self(0x6A88);
    pub const OFFSET: Self = Self(0x6B00);
    pub const INSTRUCTION: Self = Self(0x6D00);
    pub const CLASS: Self = Self(0x6E00);
    /// PBOC: the application is locked for good (uncertain).
    pub const LOCKED_FOR_GOOD: Self = Self(0x9303);

    /// 61xx: so many bytes wait for GET RESPONSE; 0 means 256 or more.
    #[must_use]
    pub const fn more(n_bytes: u8) -> Self {
        Self(u16::from_be_bytes([0x61, n_bytes]))
    }

    /// 63Cx: a wrong PIN, so many tries are left.
    #[must_use]
    pub const fn tries_left(self) -> Option<u8> {
        let [first, second] = self.0.to_be_bytes();
        if first == 0x63 && second & 0xF0 == 0xC0 { Some(second & 0x0F) } else { None }
    }

    #[must_use]
    pub const fn wrong_pin(n_left: u8) -> Self {
        Self(u16::from_be_bytes([0x63, 0xC0 | n_left & 0x0F]))
    }

    /// 6Cxx: ask again with this Le.
    #[must_use]
    pub const fn wrong_le(right: u8) -> Self {
        Self(u16::from_be_bytes([0x6C, right]))
    }
}

/// Why bytes are no command or no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadApdu {
    #[error("a command has at least 4 bytes, got {got}")]
    ShortCommand { got: usize },
    #[error("the length byte says {says}, {got} bytes follow")]
    Length { says: usize, got: usize },
    #[error("an answer has at least 2 bytes, got {got}")]
    ShortAnswer { got: usize },
    #[error("a card asks for more than {max} turns for one answer")]
    Turns { max: u8 },
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub class: u8,
    pub instruction: u8,
    pub p1: u8,
    pub p2: u8,
    /// At most [`DATA_LEN_MAX`] bytes; may be a PIN.
    pub data: Private<Vec<u8>>,
    /// So many bytes are expected; 0 means up to 256. `None`: none are.
    pub expected: Option<u8>,
}

impl Command {
    pub const SELECT: u8 = 0xA4;
    pub const READ_RECORD: u8 = 0xB2;
    pub const VERIFY: u8 = 0x20;
    pub const GENERAL_AUTHENTICATE: u8 = 0x87;
    pub const GET_DATA: u8 = 0xCB;
    pub const PUT_DATA: u8 = 0xDB;
    pub const GENERATE_KEY: u8 = 0x47;
    pub const CHANGE_REFERENCE: u8 = 0x24;
    /// Not in the standard: one family of cards tells its version, and takes another management
    /// key, by these.
    pub const GET_VERSION: u8 = 0xFD;
    pub const SET_MANAGEMENT_KEY: u8 = 0xFF;
    /// Class of a command whose data goes on in the next.
    pub const CHAINED: u8 = 0x10;
    pub const GET_RESPONSE: u8 = 0xC0;

    #[must_use]
    pub const fn new(instruction: u8, p1: u8, p2: u8) -> Self {
        let data = Private::new(Vec::new());
        Self { class: 0, instruction, p1, p2, data, expected: None }
    }

    #[must_use]
    pub fn with(self, data: &[u8]) -> Self {
        assert!(data.len() <= DATA_LEN_MAX, "{} bytes of data in a short command", data.len());
        Self { data: Private::new(data.to_vec()), ..self }
    }

    /// The same command with data of any length: in several pieces if it must be, of which all but
    /// the last are only taken in.
    #[must_use]
    pub fn in_pieces(&self, data: &[u8]) -> Vec<Self> {
        let mut pieces: Vec<Self> =
            data.chunks(DATA_LEN_MAX).map(|piece| self.clone().with(piece)).collect();
        if let Some((_, before)) = pieces.split_last_mut() {
            for piece in before {
                (piece.class, piece.expected) = (Self::CHAINED, None);
            }
        }
        pieces
    }

    #[must_use]
    pub const fn expecting(mut self, n_bytes: u8) -> Self {
        self.expected = Some(n_bytes);
        self
    }

    /// SELECT of an application by its name.
    #[must_use]
    pub fn select_application(aid: &[u8]) -> Self {
        Self::new(Self::SELECT, 0x04, 0x00).with(aid)
    }

    #[must_use]
    pub fn encode(&self) -> Private<Vec<u8>> {
        let mut bytes = vec![self.class, self.instruction, self.p1, self.p2];
        let data = self.data.expose();
        if !data.is_empty() {
            bytes.push(u8::try_from(data.len()).expect("checked when the command was made"));
            bytes.extend_from_slice(data);
        }
        bytes.extend(self.expected);
        Private::new(bytes)
    }

    /// The card's side: what was sent.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadApdu> {
        let short = || BadApdu::ShortCommand { got: bytes.len() };
        let (head, body) = bytes.split_at_checked(4).ok_or_else(short)?;
        let &[class, instruction, p1, p2] = head else { return Err(short()) };
        let (data, expected) = match body {
            [] => (&[][..], None),
            [expected] => (&[][..], Some(*expected)),
            [len, rest @ ..] => {
                let says = usize::from(*len);
                let (data, after) = rest
                    .split_at_checked(says)
                    .filter(|(_, after)| after.len() <= 1 && says > 0)
                    .ok_or(BadApdu::Length { says, got: rest.len() })?;
                (data, after.first().copied())
            }
        };
        let data = Private::new(data.to_vec());
        Ok(Self { class, instruction, p1, p2, data, expected })
    }
}

/// What a card said to one command, put together from all its turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub data: Private<Vec<u8>>,
    pub status: StatusWord,
}

impl Answer {
    #[must_use]
    pub const fn bare(status: StatusWord) -> Self {
        Self { data: Private::new(Vec::new()), status }
    }

    #[must_use]
    pub const fn ok(data: Vec<u8>) -> Self {
        Self { data: Private::new(data), status: StatusWord::OK }
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.data.expose().clone();
        bytes.extend(self.status.0.to_be_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, BadApdu> {
        let (data, status) =
            bytes.split_last_chunk().ok_or(BadApdu::ShortAnswer { got: bytes.len() })?;
        let status = StatusWord(u16::from_be_bytes(*status));
        Ok(Self { data: Private::new(data.to_vec()), status })
    }
}
