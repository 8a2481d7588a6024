//! What a technician does at a real station: one part, its wire, closed for a while, logs, power.

use device_api::{
    id_reader,
    receipt_printer::{self, Fault},
    wire::{From, Line},
};
use kiosk_core::{
    EffectId, Event,
    diagnosis::Part,
    effect::{Exported, NotExported, Refusal, Reply, Request},
    view::{Intent, Look, View},
};

use super::{staff::Visit, station::shown_by};

/// Ports as machine.toml has them.
pub(super) fn links() -> Vec<(Part, String)> {
    let link = |(part, at): (Part, &str)| (part, at.to_owned());
    let links = [
        (Part::Reader, "/dev/serial/by-id/usb-Prolific_USB-Serial_A1-if00-port0"),
        (Part::Slot, "ACS ACR39U ICC Reader 00 00"),
        (Part::Camera, "/var/lib/nightdesk/camera"),
        (Part::Printer, "/dev/serial/by-id/usb-FTDI_FT232R_B2-if00-port0"),
        (Part::Board(1), "/dev/serial/by-id/usb-FTDI_FT232R_C3-if00-port0"),
        (Part::Board(2), "/dev/serial/by-id/usb-FTDI_FT232R_C3-if00-port0"),
        (Part::Disk, ""),
        (Part::Numbers, ""),
        (Part::Clock, ""),
        (Part::Hall, ""),
    ];
    links.into_iter().map(link).collect()
}

fn technician(look: Look) -> Visit {
    Visit::signed_in("3001", look)
}

fn chooses(visit: &mut Visit, what: &str) {
    visit.touches(Intent::Choose(what.to_owned()));
}

fn asked(visit: &mut Visit) -> EffectId {
    visit.asked.take().expect("something is asked of a device").0
}

fn module(number: &str) -> Event {
    Event::Reader(id_reader::Status {
        health: id_reader::Health::Ready,
        card_present: false,
        module_id: Some(number.to_owned()),
    })
}

/// Paper low, tested.
pub(super) fn printer(look: Look) -> View {
    let mut visit = technician(look);
    let health = receipt_printer::Health::Down(Fault::CoverOpen);
    visit.hears(Event::Printer(receipt_printer::Status { health, paper_low: false }));
    let health = receipt_printer::Health::Ready;
    visit.hears(Event::Printer(receipt_printer::Status { health, paper_low: true }));
    chooses(&mut visit, "printer");
    visit.touches(Intent::Next);
    let id = asked(&mut visit);
    visit.hears(Event::Done { id, reply: Reply::Printed });
    shown_by(&visit.station)
}

/// Another reader than before, tested with a card.
pub(super) fn replaced(look: Look) -> View {
    let mut visit = technician(look);
    visit.hears(module("0501.20160103-0001234567-1234567890"));
    visit.hears(module("0501.20190711-0007654321-0987654321"));
    chooses(&mut visit, "reader");
    visit.touches(Intent::Next);
    shown_by(&visit.station)
}

pub(super) fn wire(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "reader");
    visit.touches(Intent::Edit("wire".to_owned()));
    let id = asked(&mut visit);
    let line = |ago_ms, from, shown: &str| Line { ago_ms, from, shown: shown.to_owned() };
    let lines = vec![
        line(3_420, From::Station, "AA AA AA 96 69 00 03 20 01 22"),
        line(3_390, From::Device, "AA AA AA 96 69 00 08 00 00 9F ·5·"),
        line(3_380, From::Station, "AA AA AA 96 69 00 03 20 02 21"),
        line(3_340, From::Device, "AA AA AA 96 69 00 0C 00 00 90 ·9·"),
        line(2_010, From::Station, "AA AA AA 96 69 00 03 30 01 32"),
        line(510, From::Device, "AA AA AA 96 69 05 08 00 00 90 ·1285·"),
    ];
    visit.hears(Event::Done { id, reply: Reply::Wire(lines) });
    shown_by(&visit.station)
}

pub(super) fn reopens(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "maintenance");
    shown_by(&visit.station)
}

/// As citizens see it.
pub(super) fn maintenance(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "maintenance");
    chooses(&mut visit, "60");
    shown_by(&visit.station)
}

pub(super) fn export_done(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "export");
    let id = asked(&mut visit);
    let folder = "nightdesk-0017-20260305-093400".to_owned();
    let done = Exported { folder, n_files: 3, n_bytes: 481_233 };
    visit.hears(Event::Done { id, reply: Reply::Exported(done) });
    shown_by(&visit.station)
}

pub(super) fn export_failed(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "export");
    let Some((id, Request::ExportLogs)) = visit.asked.take() else {
        panic!("no logs are asked for")
    };
    let refusal = Refusal::Export(NotExported::NoStick);
    visit.hears(Event::Refused { id, refusal });
    shown_by(&visit.station)
}

pub(super) fn power_off(look: Look) -> View {
    let mut visit = technician(look);
    chooses(&mut visit, "off");
    shown_by(&visit.station)
}
