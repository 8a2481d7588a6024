//! What frames say: commands, reports, and the two answers with a layout of their own.

use kiosk_words::Private;

use super::{Body, frame};

/// Rates the module can be set to (60 00 to 60 04).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Baud {
    B115200,
    B57600,
    B38400,
    B19200,
    B9600,
}

impl Baud {
    /// In the order of their parameter on the wire; the usual one first.
    pub const ALL: [Self; 5] =
        [Self::B115200, Self::B57600, Self::B38400, Self::B19200, Self::B9600];

    #[must_use]
    pub const fn rate(self) -> u32 {
        match self {
            Self::B115200 => 115_200,
            Self::B57600 => 57_600,
            Self::B38400 => 38_400,
            Self::B19200 => 19_200,
            Self::B9600 => 9_600,
        }
    }

    #[must_use]
    pub fn from_rate(rate: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|baud| baud.rate() == rate)
    }

    const fn para(self) -> u8 {
        match self {
            Self::B115200 => 0,
            Self::B57600 => 1,
            Self::B38400 => 2,
            Self::B19200 => 3,
            Self::B9600 => 4,
        }
    }

    /// Milliseconds that many bytes need on the line (8N1: ten bits each), rounded up.
    #[must_use]
    pub const fn wire_ms(self, n_bytes: u64) -> u64 {
        (n_bytes * 10_000).div_ceil(self.rate() as u64)
    }
}

/// What a host asks of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Reset,
    Status,
    ReadModuleId,
    Find,
    Select,
    Read(ReadKind),
    ReadNewAddress,
    SetBaud(Baud),
    SetRfFrameMax(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadKind {
    /// 30 01: text and photo.
    Base,
    /// 30 10: text, photo and fingerprint.
    BaseFingerprint,
}

/// A frame that is no command; the module answers 11 or 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    #[error("a command has {expected} bytes, got {got}")]
    Length { expected: usize, got: usize },
    #[error("no command {cmd:02X} {para:02X}")]
    Unknown { cmd: u8, para: u8 },
}

impl Command {
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::Reset => frame(&[0x10, 0xFF]),
            Self::Status => frame(&[0x11, 0xFF]),
            Self::ReadModuleId => frame(&[0x12, 0xFF]),
            Self::Find => frame(&[0x20, 0x01]),
            Self::Select => frame(&[0x20, 0x02]),
            Self::Read(ReadKind::Base) => frame(&[0x30, 0x01]),
            Self::Read(ReadKind::BaseFingerprint) => frame(&[0x30, 0x10]),
            Self::ReadNewAddress => frame(&[0x30, 0x03]),
            Self::SetBaud(baud) => frame(&[0x60, baud.para()]),
            Self::SetRfFrameMax(n_bytes) => frame(&[0x61, 0xFF, n_bytes]),
        }
    }

    pub fn decode(body: &Body) -> Result<Self, BadCommand> {
        let body = body.expose().as_slice();
        let [cmd, para, data @ ..] = body else {
            return Err(BadCommand::Length { expected: 2, got: body.len() });
        };
        let command = match (cmd, para) {
            (0x10, 0xFF) => Self::Reset,
            (0x11, 0xFF) => Self::Status,
            (0x12, 0xFF) => Self::ReadModuleId,
            (0x20, 0x01) => Self::Find,
            (0x20, 0x02) => Self::Select,
            (0x30, 0x01) => Self::Read(ReadKind::Base),
            (0x30, 0x10) => Self::Read(ReadKind::BaseFingerprint),
            (0x30, 0x03) => Self::ReadNewAddress,
            (0x60, 0..=4) => Self::SetBaud(Baud::ALL[usize::from(*para)]),
            (0x61, 0xFF) => {
                let [n_bytes] = data else {
                    return Err(BadCommand::Length { expected: 3, got: body.len() });
                };
                return Ok(Self::SetRfFrameMax(*n_bytes));
            }
            (cmd, para) => return Err(BadCommand::Unknown { cmd: *cmd, para: *para }),
        };
        if !data.is_empty() {
            return Err(BadCommand::Length { expected: 2, got: body.len() });
        }
        Ok(command)
    }

    /// One word for logs and for the trouble plan of the twin.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Status => "status",
            Self::ReadModuleId => "module_id",
            Self::Find => "find",
            Self::Select => "select",
            Self::Read(ReadKind::Base) => "read_base",
            Self::Read(ReadKind::BaseFingerprint) => "read_base_fingerprint",
            Self::ReadNewAddress => "read_new_address",
            Self::SetBaud(_) => "set_baud",
            Self::SetRfFrameMax(_) => "set_rf_frame_max",
        }
    }
}

/// The status byte a driver decides by (SW1 and SW2 are the card's own and only logged).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sw3 {
    /// 90
    Ok,
    /// 9F: card found.
    Found,
    /// 91: the card has no such item.
    NoSuchItem,
    /// 10: the module saw a wrong checksum.
    BadChecksum,
    /// 11
    BadLength,
    /// 21: unknown command, bad value or wrong order.
    BadCommand,
    /// 23
    NotPermitted,
    /// 24
    Unrecognised,
    /// 31: the card does not trust the module.
    CardRefusedModule,
    /// 32: the module does not trust the card.
    ModuleRefusedCard,
    /// 33: the signature over the data is wrong.
    BadSignature,
    /// 37
    BadFingerprint,
    /// 3F
    BadInfoLength,
    /// 40
    UnknownCardType,
    /// 41
    ReadFailed,
    /// 47
    NoRandom,
    /// 60
    SelfTestFailed,
    /// 66
    NotAuthorised,
    /// 80: no card, or the card there was read and not lifted.
    NotFound,
    /// 81
    SelectFailed,
    Other(u8),
}

impl Sw3 {
    const TABLE: [(u8, Self); 20] = [
        (0x90, Self::Ok),
        (0x9F, Self::Found),
        (0x91, Self::NoSuchItem),
        (0x10, Self::BadChecksum),
        (0x11, Self::BadLength),
        (0x21, Self::BadCommand),
        (0x23, Self::NotPermitted),
        (0x24, Self::Unrecognised),
        (0x31, Self::CardRefusedModule),
        (0x32, Self::ModuleRefusedCard),
        (0x33, Self::BadSignature),
        (0x37, Self::BadFingerprint),
        (0x3F, Self::BadInfoLength),
        (0x40, Self::UnknownCardType),
        (0x41, Self::ReadFailed),
        (0x47, Self::NoRandom),
        (0x60, Self::SelfTestFailed),
        (0x66, Self::NotAuthorised),
        (0x80, Self::NotFound),
        (0x81, Self::SelectFailed),
    ];

    #[must_use]
    pub fn from_byte(byte: u8) -> Self {
        Self::TABLE.into_iter().find(|(b, _)| *b == byte).map_or(Self::Other(byte), |(_, sw)| sw)
    }

    #[must_use]
    pub fn byte(self) -> u8 {
        if let Self::Other(byte) = self {
            return byte;
        }
        Self::TABLE
            .into_iter()
            .find(|(_, sw)| *sw == self)
            .map(|(byte, _)| byte)
            .expect("every named status is in the table")
    }
}

/// What the module answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The card's own status words when the card failed; otherwise zero.
    pub sw12: [u8; 2],
    pub sw3: Sw3,
    pub data: Private<Vec<u8>>,
}

/// A good frame that is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an answer has at least 3 bytes, got {got}")]
pub struct BadReport {
    pub got: usize,
}

impl Report {
    #[must_use]
    pub fn plain(sw3: Sw3) -> Self {
        Self { sw12: [0, 0], sw3, data: Private::default() }
    }

    #[must_use]
    pub fn with_data(sw3: Sw3, data: Vec<u8>) -> Self {
        Self { sw12: [0, 0], sw3, data: Private::new(data) }
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let [sw1, sw2] = self.sw12;
        let mut body = vec![sw1, sw2, self.sw3.byte()];
        body.extend_from_slice(self.data.expose());
        let bytes = frame(&body);
        zeroize::Zeroize::zeroize(&mut body);
        bytes
    }

    pub fn decode(body: &Body) -> Result<Self, BadReport> {
        let body = body.expose().as_slice();
        let [sw1, sw2, sw3, data @ ..] = body else {
            return Err(BadReport { got: body.len() });
        };
        Ok(Self {
            sw12: [*sw1, *sw2],
            sw3: Sw3::from_byte(*sw3),
            data: Private::new(data.to_vec()),
        })
    }
}

/// The module's own number (12 FF): 16 bytes, little-endian fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleId {
    pub a: u16,
    pub b: u16,
    /// `YYYYMMDD` as a number.
    pub date: u32,
    pub c: u32,
    pub d: u32,
}

impl ModuleId {
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(16);
        bytes.extend(self.a.to_le_bytes());
        bytes.extend(self.b.to_le_bytes());
        bytes.extend(self.date.to_le_bytes());
        bytes.extend(self.c.to_le_bytes());
        bytes.extend(self.d.to_le_bytes());
        bytes
    }

    /// `None` unless there are exactly 16 bytes.
    #[must_use]
    pub fn decode(data: &[u8]) -> Option<Self> {
        let (words, rest) = data.as_chunks::<4>();
        let ([[a0, a1, b0, b1], date, c, d], []) = (words, rest) else { return None };
        Some(Self {
            a: u16::from_le_bytes([*a0, *a1]),
            b: u16::from_le_bytes([*b0, *b1]),
            date: u32::from_le_bytes(*date),
            c: u32::from_le_bytes(*c),
            d: u32::from_le_bytes(*d),
        })
    }
}

impl std::fmt::Display for ModuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { a, b, date, c, d } = self;
        write!(f, "{a:02}.{b:02}-{date:08}-{c:010}-{d:010}")
    }
}

/// The blocks of a 30 01 or 30 10 answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAnswer {
    pub text: Private<Vec<u8>>,
    pub photo: Private<Vec<u8>>,
    /// `None` in an answer to 30 01; empty on older cards.
    pub fingerprint: Option<Private<Vec<u8>>>,
}

impl ReadAnswer {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let blocks = [Some(&self.text), Some(&self.photo), self.fingerprint.as_ref()];
        let mut data = Vec::new();
        for block in blocks.into_iter().flatten() {
            let len = u16::try_from(block.expose().len()).expect("blocks are below BODY_LEN_MAX");
            data.extend(len.to_be_bytes());
        }
        for block in blocks.into_iter().flatten() {
            data.extend_from_slice(block.expose());
        }
        data
    }

    /// `None` if the lengths in the answer do not add up to its size.
    #[must_use]
    pub fn decode(data: &[u8], kind: ReadKind) -> Option<Self> {
        let (text_len, rest) = take_len(data)?;
        let (photo_len, rest) = take_len(rest)?;
        let (fingerprint_len, rest) = match kind {
            ReadKind::Base => (0, rest),
            ReadKind::BaseFingerprint => take_len(rest)?,
        };
        let (text, rest) = rest.split_at_checked(text_len)?;
        let (photo, fingerprint) = rest.split_at_checked(photo_len)?;
        if fingerprint.len() != fingerprint_len {
            return None;
        }
        Some(Self {
            text: Private::new(text.to_vec()),
            photo: Private::new(photo.to_vec()),
            fingerprint: match kind {
                ReadKind::Base => None,
                ReadKind::BaseFingerprint => Some(Private::new(fingerprint.to_vec())),
            },
        })
    }
}

fn take_len(data: &[u8]) -> Option<(usize, &[u8])> {
    let (len, rest) = data.split_first_chunk::<2>()?;
    Some((usize::from(u16::from_be_bytes(*len)), rest))
}
