//! What the core asks of the shell. Every effect has exactly one answer, but those that say
//! otherwise.

use device_api::{camera, id_reader, locker, receipt_printer, room, smart_card, wire};
use kiosk_words::{CaseId, Digest32, Moment, Private, ReceiptNo, Seq, ServiceTime};

use crate::{
    diagnosis::Part,
    keys::Utterance,
    record::Record,
    view::{ImageId, Ink, View},
    words::{self, Say},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write all records in one transaction; answered by `Persisted` or `PersistFailed`.
    Persist { id: EffectId, records: Vec<Record> },
    /// Answered by `Done` or `Refused`.
    Ask { id: EffectId, request: Request },
    /// Answered by `Found` or `CodeChecked`.
    Find { id: EffectId, query: Query },
    /// Answered by `Acked` or `SendFailed`.
    Send { id: EffectId, what: Outgoing },
    /// Newest wins; no answer.
    Show(Box<View>),
    /// Call `handle(Event::Woken)` at this moment; newest wins; no answer.
    Wake(Moment),
    /// Say this into the earphones; newest wins; no answer.
    Speak(Utterance),
    /// Say nothing any more, at once; no answer.
    Hush,
    /// For the strokes of an unfinished signature, which the screen holds; no answer but the intent
    /// that comes of it.
    Ink(Ink),
    /// The core cannot go on (a dead store): show the last view, exit with this code; no answer.
    Stop { code: u8 },
}

/// Requests to devices and to the session's vault of captured pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    ReadCard(id_reader::ReadWhat),
    StopReading,
    /// Wait for a card in the slot and read it once; a staff card signs this.
    ReadChipCard {
        challenge: smart_card::Challenge,
    },
    /// The PIN for the staff card that was just read, and what its holder's key is to sign.
    ProveStaff {
        pin: smart_card::Pin,
        challenge: smart_card::Challenge,
    },
    /// Also what is in the slot belongs to nobody from now on.
    StopReadingChip,
    /// Take a picture, measure it, seal it at once under the case's scan key.
    Capture {
        case: CaseId,
        slot: String,
        page: u16,
    },
    /// Forget one captured page (it was taken again).
    Discard {
        image: ImageId,
    },
    /// SHA-256 of these bytes (the page shown for signature).
    Hash {
        text: Private<String>,
    },
    /// Once a night, with nobody at the screen: change the wrap key and destroy what the hall has
    /// had in full since before this time.
    ChangeKeys {
        erase_before: ServiceTime,
    },
    /// Print and cut; written down before.
    Print {
        slip: Box<receipt_printer::Slip>,
        reprint: bool,
    },
    /// Open this door, once; its authorisation is written down.
    OpenDoor(locker::DoorNo),
    /// Look for a code on what lies under the document camera, or is held before the scanner.
    ReadCode,
    /// A technician's test: read one code held before the scanner, whatever lies under the camera.
    TryScanner,
    /// A technician's test: print this slip, which is nobody's and is written down nowhere.
    TryPrinter(Box<receipt_printer::Slip>),
    /// A technician's test: take a picture, measure it and drop it.
    TryCamera,
    /// What went over the wire of this part within the last minute.
    ShowWire(Part),
    /// Copy logs and the table of devices to the stick of the technician.
    ExportLogs,
    /// A state that stays wanted until something else is asked for this output.
    SwitchRoom {
        output: room::Output,
        on: bool,
    },
    /// End of a session: drop keys, images and scans that were not sealed into a case.
    Wipe,
}

/// Answers to [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Card(Box<id_reader::IdCard>),
    SocialCard(Box<smart_card::SocialCard>),
    StaffCard(Box<smart_card::StaffCard>),
    /// Signature of the holder's key, DER.
    StaffProof(Vec<u8>),
    Stopped,
    Captured {
        image: ImageId,
        scan: Scan,
    },
    Discarded,
    Hashed(Digest32),
    Wiped,
    KeysChanged,
    Printed,
    DoorOpened(locker::DoorNo),
    /// It was read back so.
    RoomSwitched,
    /// Text of the one code that was seen: it may be anybody's, about anything.
    Code(Private<String>),
    Looked {
        width_px: u32,
        height_px: u32,
        quality: camera::Quality,
    },
    Wire(Vec<wire::Line>),
    Exported(Exported),
}

/// What lies on the stick: flushed, read back and found the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Name of the folder on the stick.
    pub folder: String,
    pub n_files: u32,
    pub n_bytes: u64,
}

/// Why the logs are not on the stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotExported {
    /// machine.toml names no place for a stick.
    NoPlace,
    /// No stick is in.
    NoStick,
    NoRoom,
    /// What was read back is not what was written.
    NotTheSame,
    Failed,
}

impl NotExported {
    pub const fn say(self) -> Say {
        match self {
            Self::NoPlace => words::EXPORT_NO_PLACE,
            Self::NoStick => words::EXPORT_NO_STICK,
            Self::NoRoom => words::EXPORT_NO_ROOM,
            Self::NotTheSame => words::EXPORT_NOT_THE_SAME,
            Self::Failed => words::EXPORT_FAILED,
        }
    }
}

/// A sealed page: what the core knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// SHA-256 of the ciphertext; also its name on the disk and at the hall.
    pub digest: Digest32,
    /// Length of the ciphertext in bytes.
    pub n_bytes: u64,
    pub width_px: u32,
    pub height_px: u32,
    pub quality: device_api::camera::Quality,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Card(id_reader::Refusal),
    Chip(smart_card::Refusal),
    Camera(device_api::camera::Fault),
    Print(receipt_printer::Refusal),
    Door(locker::Refusal),
    Room(room::Refusal),
    /// No code, or more than one, is under the camera, and none was held before the scanner.
    NoCode,
    /// A code that can be none of ours.
    ForeignCode,
    /// The disk is too full to keep a page.
    NoRoom,
    Export(NotExported),
    /// There is no wire to show, or nothing to test.
    NotFitted,
    /// The keys could not be changed; the old ones go on working and it is tried the next night.
    KeysNotChanged,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Cases of the person with this id number, newest first.
    CasesOf { number: Private<String> },
    /// The case with this receipt number; none or one.
    CaseOf { receipt: ReceiptNo },
    /// Whether this is the pick-up code of the case; answered by `CodeChecked`.
    CodeIs { case: CaseId, code: Private<String> },
}

/// What the outbox should try now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outgoing {
    /// The next batch of events after this one.
    Events { after: Seq },
    /// The scans of one case, from the beginning or where they stopped.
    Scans { case: CaseId },
}
