//! What is built into the station of a world, and how its configuration names it.

use kiosk_core::{Config, custody, diagnosis::Part};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_words::{Epoch, StationId};

use crate::{keypad::KeypadBench, locker::LockerBench, printer::PrinterBench, room::RoomBench};

pub(super) fn seed_bytes(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes
}

/// What stands beside the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fitted {
    Plain,
    WithLocker,
    WithCardSlot,
    /// With a locker, and a room board.
    WithRoom,
    /// With a locker, and a keypad.
    WithKeypad,
}

impl Fitted {
    pub(super) const fn has_locker(self) -> bool {
        matches!(self, Self::WithLocker | Self::WithRoom | Self::WithKeypad)
    }
}

/// Who the station of this world is, and what is fitted to it.
pub(super) fn config_of(fitted: Fitted, cabinet: Vec<custody::CellPlan>, seed: u64) -> Config {
    Config {
        station: StationId::try_from(17).expect("17 is a station number"),
        name_zh: "龙沙站".to_owned(),
        name_en: "Longsha Station".to_owned(),
        phone: "0452-0000000".to_owned(),
        epoch: Epoch(uuid::Uuid::from_u128(0x1d5a_0001 + u128::from(seed))),
        cabinet,
        kept_for_results: 1,
        has_printer: fitted.has_locker(),
        has_scanner: false,
        has_chip_slot: fitted != Fitted::Plain,
        links: links_of(fitted),
        has_room: fitted == Fitted::WithRoom,
        has_keypad: fitted == Fitted::WithKeypad,
        slips: slips(),
        seed: seed_bytes(seed),
    }
}

/// Devices by the ends of their cables.
fn links_of(fitted: Fitted) -> Vec<(Part, String)> {
    let link = |(part, at): (Part, &str)| (part, at.to_owned());
    let always = [
        (Part::Reader, "by-id/reader"),
        (Part::Camera, "camera"),
        (Part::Disk, ""),
        (Part::Numbers, ""),
        (Part::Clock, ""),
        (Part::Hall, "https://hall"),
    ];
    let with_locker = [
        (Part::Slot, "slot"),
        (Part::Printer, "by-id/printer"),
        (Part::Board(1), "by-id/locker"),
        (Part::Board(2), "by-id/locker"),
    ];
    let n_more = match fitted {
        Fitted::Plain => 0,
        Fitted::WithCardSlot => 1,
        Fitted::WithLocker | Fitted::WithRoom | Fitted::WithKeypad => with_locker.len(),
    };
    always.into_iter().chain(with_locker.into_iter().take(n_more)).map(link).collect()
}

/// Cabinet and printer: without them their ports are absent.
pub(super) fn beside_the_screen(fitted: Fitted, seed: u64) -> (LockerBench, PrinterBench) {
    let (cabinet, printer) = (LockerBench::new(seed), PrinterBench::new(seed));
    if fitted.has_locker() { (cabinet, printer) } else { (cabinet.absent(), printer.absent()) }
}

/// Room board and keypad, the same.
pub(super) fn around_the_screen(fitted: Fitted, seed: u64) -> (RoomBench, KeypadBench) {
    let (room, keypad) = (RoomBench::new(seed), KeypadBench::new(seed));
    let room = if fitted == Fitted::WithRoom { room } else { room.absent() };
    (room, if fitted == Fitted::WithKeypad { keypad } else { keypad.absent() })
}

fn slips() -> Layouts {
    Layouts::parse(&[
        ("receipt.toml", include_str!("../../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../../assets/slips/collection.toml")),
    ])
    .expect("the repository's layouts are good")
}

/// The matters of the repository, as the product has them.
pub(super) fn catalogue() -> Catalogue {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = vec![
        file("laonianzheng", include_str!("../../../../assets/catalog/laonianzheng/matter.toml")),
        file("wufanzui", include_str!("../../../../assets/catalog/wufanzui/matter.toml")),
        file("yancao_yanxu", include_str!("../../../../assets/catalog/yancao_yanxu/matter.toml")),
    ];
    Catalogue::load(files).expect("the repository's matters are good")
}
