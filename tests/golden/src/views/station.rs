//! A real station with a cabinet, asleep and just woken: its first pages are the core's own.

use device_api::{
    id_reader::{Health, Status},
    locker::DoorNo,
    room::{self, Inputs, Outputs},
    smart_card::{self, Slot},
};
use kiosk_core::{
    Config, Event, Recovered, Station,
    custody::CellPlan,
    event::HallLink,
    out_of_service::{self, Sign, Why},
    view::{Intent, Look, View},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_words::{
    CaseId, CellSize, ClockQuality, Epoch, Moment, Now, ServiceTime, StationId, WallTime,
};

/// 2026-03-05 in China, 02:14 and 09:26.
const NIGHT: WallTime = WallTime(1_772_648_040_000);
pub(super) const MORNING: WallTime = WallTime(1_772_673_960_000);

/// Nobody is there; it speaks Chinese in ordinary type, whatever the last person chose.
pub(super) fn attract() -> View {
    shown_by(&started(NIGHT))
}

/// Touched, and set to this look by its buttons.
pub(super) fn home(look: Look) -> View {
    let mut station = started(MORNING);
    let touches = [
        Intent::Wake,
        Intent::SetLanguage(look.language),
        Intent::SetElder(look.elder),
        Intent::SetLow(look.low),
    ];
    touch_all(&mut station, touches);
    shown_by(&station)
}

/// Before both readers, with a card in the slot that was read before.
pub(super) fn card_slot(look: Look) -> View {
    let mut station = started(MORNING);
    let touches = [
        Intent::Wake,
        Intent::SetLanguage(look.language),
        Intent::SetElder(look.elder),
        Intent::SetLow(look.low),
        Intent::Choose("progress".to_owned()),
        Intent::Next,
    ];
    touch_all(&mut station, touches);
    station.handle(Event::ChipSlot(slot(Slot::Used)), at(MORNING));
    shown_by(&station)
}

/// The emergency button was pressed, and the guard's contact is on; or it is not.
pub(super) fn alarm(look: Look, is_guard_called: bool) -> View {
    shown_by(&in_alarm(look, true, is_guard_called))
}

/// In a room with a board; somebody with this look was there when the button was pressed.
pub(super) fn in_alarm(look: Look, is_pressed: bool, is_guard_called: bool) -> Station {
    let mut station = started_as(Config { has_room: true, ..config() }, recovered(), MORNING);
    let touches = [
        Intent::Wake,
        Intent::SetLanguage(look.language),
        Intent::SetElder(look.elder),
        Intent::SetLow(look.low),
    ];
    touch_all(&mut station, touches);
    let outputs = Outputs { light: true, siren: is_guard_called, guard: is_guard_called };
    for emergency in [true, is_pressed] {
        let inputs = Inputs { emergency, lobby_open: false, on_mains: true };
        let (inputs, outputs) = (Some(inputs), Some(outputs));
        let health = room::Health::Ready;
        let status = room::Status { health, inputs, outputs, disobeys: None };
        station.handle(Event::Room(status), at(MORNING));
    }
    station
}

/// Somebody left a card in the slot, and nobody is there.
pub(super) fn card_left() -> View {
    let mut station = started(NIGHT);
    station.handle(Event::ChipSlot(slot(Slot::Used)), at(NIGHT));
    shown_by(&station)
}

pub(super) const fn slot(slot: Slot) -> smart_card::Status {
    smart_card::Status { health: smart_card::Health::Ready, slot }
}

fn touch_all(station: &mut Station, touches: impl IntoIterator<Item = Intent>) {
    for intent in touches {
        let revision = shown_by(station).revision;
        station.handle(Event::Intent { revision, intent }, at(MORNING));
    }
}

/// Started for the third time within ten minutes.
pub(super) fn care_mode() -> View {
    let often = Recovered { recent_starts: 3, ..recovered() };
    shown_by(&started_with(often, NIGHT))
}

pub(super) fn switched_off() -> View {
    out_of_service::switched_off("龙沙站".to_owned(), at(NIGHT))
}

/// It cannot open its store.
pub(super) fn out_of_service() -> View {
    let Config { name_zh: name, phone, .. } = config();
    let sign = Sign { name, phone, has_cells: true, why: Why::NeedsStaff, code: 2 };
    out_of_service::view(&sign, at(NIGHT))
}

pub(super) fn shown_by(station: &Station) -> View {
    station.view().expect("a station shows a page from its start").clone()
}

/// All devices are ready and the hall is there.
pub(super) fn started(wall: WallTime) -> Station {
    started_with(recovered(), wall)
}

fn started_with(recovered: Recovered, wall: WallTime) -> Station {
    started_as(config(), recovered, wall)
}

fn started_as(config: Config, recovered: Recovered, wall: WallTime) -> Station {
    let now = at(wall);
    let (mut station, _) = Station::new(config, catalogue(), recovered, now);
    let ready = Status { health: Health::Ready, card_present: false, module_id: None };
    station.handle(Event::Reader(ready), now);
    station.handle(Event::ChipSlot(slot(Slot::Empty)), now);
    station.handle(Event::Camera(device_api::camera::Health::Ready), now);
    station.handle(Event::Hall(HallLink::Up { hall_time: ServiceTime(wall.0) }), now);
    station
}

pub(super) const fn at(wall: WallTime) -> Now {
    Now { moment: Moment(0), wall, quality: ClockQuality::Synced }
}

fn config() -> Config {
    let cell = |door| CellPlan { door, size: CellSize::A4 };
    Config {
        station: StationId::try_from(17).expect("17 is a station"),
        name_zh: "龙沙站".to_owned(),
        name_en: "Longsha Station".to_owned(),
        phone: "0452-0000000".to_owned(),
        epoch: Epoch(CaseId::new(1, [1; 10]).0),
        cabinet: (1..=12).filter_map(DoorNo::new).map(cell).collect(),
        kept_for_results: 2,
        has_printer: true,
        has_scanner: false,
        has_chip_slot: true,
        links: super::service::links(),
        has_room: false,
        has_keypad: false,
        slips: slips(),
        seed: [3; 32],
    }
}

fn catalogue() -> Catalogue {
    let matters = [
        include_str!("../../../../assets/catalog/laonianzheng/matter.toml"),
        include_str!("../../../../assets/catalog/wufanzui/matter.toml"),
        include_str!("../../../../assets/catalog/yancao_yanxu/matter.toml"),
    ];
    let files = matters.map(|text| ("matter.toml".to_owned(), text.to_owned()));
    Catalogue::load(files.to_vec()).expect("kiosk-matters tests the catalogue")
}

fn slips() -> Layouts {
    Layouts::parse(&[
        ("receipt.toml", include_str!("../../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../../assets/slips/collection.toml")),
    ])
    .expect("kiosk-matters tests the slips")
}

fn recovered() -> Recovered {
    Recovered {
        recent_starts: 1,
        receipts: Some((1, 10_000)),
        staff_trust: testkit::staff_cards::trust(),
        ..Recovered::default()
    }
}
