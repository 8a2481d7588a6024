//! Identity card readers: the second-generation card and its sister cards.

use kiosk_words::Private;

use crate::RequestId;

/// The four cards that a SAM_V reader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardKind {
    /// 居民身份证
    Citizen,
    /// 港澳台居民居住证
    HmtPermit,
    /// 外国人永久居留身份证, 2017 layout
    ForeignPr2017,
    /// 外国人永久居留身份证, 2023 layout
    ForeignPr2023,
}

/// GB/T 2261.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Unknown,
    Male,
    Female,
    NotStated,
}

/// Until when the card is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidTo {
    /// 长期
    LongTerm,
    /// `YYYYMMDD`
    Until(String),
    NotStated,
}

/// What the chip holds. Everything about the person is `Private`; the fingerprint block never
/// leaves the driver unless asked for, and is dropped with this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdCard {
    pub kind: CardKind,
    /// Name as printed; the Chinese name where the card has two.
    pub name: Private<String>,
    pub english_name: Option<Private<String>>,
    pub sex: Sex,
    /// Two-digit GB/T 3304 code (citizen card only).
    pub ethnicity_code: Option<String>,
    /// Name of the ethnicity, or the raw code where it has no name.
    pub ethnicity: Option<String>,
    /// Three letters, GB/T 2659 (foreign cards only).
    pub nationality: Option<String>,
    /// `YYYYMMDD`
    pub birth: Private<String>,
    /// Empty on cards without one.
    pub address: Private<String>,
    /// Addresses added later, oldest first (30 03).
    pub new_addresses: Vec<Private<String>>,
    /// Checked; upper case.
    pub number: Private<String>,
    pub issuer: Option<String>,
    /// `YYYYMMDD`
    pub valid_from: String,
    pub valid_to: ValidTo,
    /// Number of the travel permit (HK/Macao/Taiwan card only).
    pub travel_permit: Option<Private<String>>,
    /// Former number rebuilt from the link field (2023 card only).
    pub former_number: Option<Private<String>>,
    /// The chip's photo block as it is (usually 1024 bytes starting `WL`); only if asked for.
    pub photo: Option<Private<Vec<u8>>>,
    /// Two 512-byte templates or fewer; only if asked for.
    pub fingerprint: Option<Private<Vec<u8>>>,
}

/// What to read, named by purpose: query and collection need no photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadWhat {
    pub photo: bool,
    pub fingerprint: bool,
    pub new_address: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Wait for a card and read it once; open until a card was read, refused or stopped.
    Read(ReadWhat),
    /// End the open `Read`, which is then refused with `Stopped`.
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Card(Box<IdCard>),
    /// The open `Read`, if any, has ended.
    Stopped,
}

/// Why a read gave no card; each has one sentence for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// `Stop` was asked, or another read is open.
    Stopped,
    /// Card moved or answered badly: lift it and lay it again.
    LayAgain,
    /// The card's type is not an id card.
    NotAnIdCard,
    /// Card and reader do not trust each other, twice: not accepted here.
    NotTrusted,
    /// The data on the chip fails its own check (signature, number or layout).
    BadCardData,
    /// The reader itself cannot work.
    DeviceDown(Fault),
}

/// What is wrong with the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, nothing answers.
    Silent,
    /// Answers that are no frames of this protocol.
    Garbage,
    /// SW3 60: the module's self test failed.
    SelfTestFailed,
    /// SW3 66: the module is not authorised.
    NotAuthorised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being opened and identified.
    Starting,
    Ready,
    Down(Fault),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    /// A card lies on the reader (it was read and not lifted yet).
    pub card_present: bool,
    /// The module's own number, for the audit: `05.01-20200101-0001234567-0987654321`.
    pub module_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub baud: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    StatusChanged(Status),
}

impl Event {
    /// The request that this answers, if it does.
    #[must_use]
    pub const fn answers(&self) -> Option<RequestId> {
        match self {
            Self::Done(id, _) | Self::Refused(id, _) => Some(*id),
            Self::StatusChanged(_) => None,
        }
    }
}
