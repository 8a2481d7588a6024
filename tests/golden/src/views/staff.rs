//! Staff at a real station: their cards are those of the testkit, their pages the core's own.

use device_api::{
    id_reader, locker,
    receipt_printer::{self, Fault},
    smart_card::{Reply as Said, Slot},
};
use device_sim::smart_card::{Chip, bench::Bench};
use kiosk_core::{
    Effect, EffectId, Event, Station,
    effect::{Refusal, Reply, Request},
    view::{Intent, Look, View},
};
use testkit::staff_cards::{Order, STAFF};

use super::station::{MORNING, at, in_alarm, shown_by, slot, started};

/// The page that waits for a card, after one of another hall.
pub(super) fn card(look: Look) -> View {
    let mut visit = Visit::before_the_slot(look);
    visit.puts_in(Box::new(Order { ca: "another hall", ..Order::of("1001") }.make()));
    shown_by(&visit.station)
}

/// A manager after a wrong PIN.
pub(super) fn pin(look: Look) -> View {
    let mut visit = Visit::before_the_slot(look);
    visit.puts_in(Box::new(Order::of("2001").make()));
    visit.types("111222");
    shown_by(&visit.station)
}

/// A technician where much is broken.
pub(super) fn devices(look: Look) -> View {
    let mut visit = Visit::signed_in("3001", look);
    let printer = receipt_printer::Health::Down(Fault::PaperOut);
    let printer = receipt_printer::Status { health: printer, paper_low: true };
    let reader = id_reader::Health::Down(id_reader::Fault::Silent);
    let reader = id_reader::Status { health: reader, card_present: false, module_id: None };
    visit.hears(Event::Printer(printer));
    visit.hears(Event::Reader(reader));
    for (board, health) in
        [(1, locker::Health::Ready), (2, locker::Health::Down(locker::Fault::Garbage))]
    {
        visit.hears(Event::Board(locker::BoardChanged { board, health }));
    }
    shown_by(&visit.station)
}

/// A guard where nothing is wrong.
pub(super) fn alarms(look: Look) -> View {
    shown_by(&Visit::signed_in("5001", look).station)
}

/// A manager at an alarm, with the button out.
pub(super) fn alarm(look: Look) -> View {
    let station = in_alarm(look, false, true);
    let mut visit = Visit { station, bench: Bench::new(), asked: None };
    visit.touches(Intent::Choose("staff".to_owned()));
    visit.signs_in("2001");
    shown_by(&visit.station)
}

/// A manager in a new cabinet.
pub(super) fn round(look: Look) -> View {
    shown_by(&Visit::signed_in("2001", look).station)
}

/// Somebody with a card before the slot.
pub(super) struct Visit {
    pub(super) station: Station,
    bench: Bench,
    pub(super) asked: Option<(EffectId, Request)>,
}

impl Visit {
    fn before_the_slot(look: Look) -> Self {
        let station = started(MORNING);
        let mut visit = Self { station, bench: Bench::new(), asked: None };
        for intent in [
            Intent::Wake,
            Intent::SetLanguage(look.language),
            Intent::SetElder(look.elder),
            Intent::SetLow(look.low),
            Intent::Help,
            Intent::Choose("staff".to_owned()),
        ] {
            visit.touches(intent);
        }
        visit
    }

    pub(super) fn signed_in(staff: &'static str, look: Look) -> Self {
        let mut visit = Self::before_the_slot(look);
        visit.signs_in(staff);
        visit
    }

    fn signs_in(&mut self, staff: &'static str) {
        self.puts_in(Box::new(Order::of(staff).make()));
        let known = STAFF.iter().find(|(known, ..)| *known == staff);
        self.types(known.expect("somebody of the staff").2);
    }

    pub(super) fn touches(&mut self, intent: Intent) {
        let revision = shown_by(&self.station).revision;
        self.hears(Event::Intent { revision, intent });
    }

    pub(super) fn hears(&mut self, event: Event) {
        for effect in self.station.handle(event, at(MORNING)) {
            if let Effect::Ask { id, request } = effect {
                self.asked = Some((id, request));
            }
        }
    }

    fn puts_in(&mut self, chip: Box<dyn Chip>) {
        let Some((id, Request::ReadChipCard { challenge })) = self.asked.take() else {
            panic!("the page reads no card")
        };
        let reply = match self.bench.read_in(chip, challenge).expect("a staff card") {
            Said::StaffCard(card) => Reply::StaffCard(card),
            Said::SocialCard(_) | Said::Proof(_) | Said::Stopped => panic!("no staff card"),
        };
        self.hears(Event::ChipSlot(slot(Slot::Used)));
        self.hears(Event::Done { id, reply });
    }

    fn types(&mut self, pin: &str) {
        self.touches(Intent::FieldEdited { field: "pin".to_owned(), text: pin.to_owned() });
        self.touches(Intent::Next);
        let Some((id, Request::ProveStaff { pin, challenge })) = self.asked.take() else {
            panic!("no card is asked for its proof")
        };
        let told = match self.bench.prove(pin, challenge) {
            Ok(Said::Proof(signature)) => Event::Done { id, reply: Reply::StaffProof(signature) },
            Ok(Said::StaffCard(_) | Said::SocialCard(_) | Said::Stopped) => panic!("no proof"),
            Err(why) => Event::Refused { id, refusal: Refusal::Chip(why) },
        };
        self.hears(told);
    }
}
