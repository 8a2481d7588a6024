//! What a technician does at the machine: look at one part, test it, see its wire, close the station
//! for a while, take the logs along, switch it off.
//!
//! ```text
//!  Devices ─► Part ─► test: asked ─► ended
//!     │         └──► Wire
//!     ├─► Reopens ─► written ─► Maintenance, until somebody of the staff ends it
//!     ├─► Export: asked ─► may be pulled out | failed
//!     └─► PowerOff ─► written ─► PoweredOff, and the program ends
//! ```
//! A test is a request of the device's own, over its own wire. It is of nobody: no case and no person
//! comes of it, and what a card says is dropped at once.

use device_api::{
    id_reader::ReadWhat,
    locker::DoorState,
    receipt_printer::{Align, Line, Part as SlipPart, Scale, Slip},
};
use kiosk_words::{ClockQuality, Now, Private, StaffRole, WallTime};

use super::{Config, EXIT_POWER_OFF, Pending, Station, pages::Page};
use crate::{
    diagnosis::{self, Part, State},
    effect::{Effect, EffectId, Exported, Refusal, Reply, Request},
    event::Maintenance,
    record::{AuditKind, Record, SessionEnd},
    view::{Language, Look},
    words::{self, Say},
};

/// How a test stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    Running(EffectId),
    Ended(Tested),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tested {
    /// What was seen.
    Good(Say, String),
    Bad(Say),
}

/// How the logs on the stick stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Export {
    Running(EffectId),
    /// Flushed, read back and the same (R11).
    Done(Exported),
    Failed(Say),
}

/// When staff expect the station to be open again.
pub(crate) const REOPENS: [(&str, Say, i64); 4] = [
    ("30", words::REOPENS_HALF_HOUR, 30 * 60_000),
    ("60", words::REOPENS_HOUR, 60 * 60_000),
    ("120", words::REOPENS_TWO_HOURS, 120 * 60_000),
    ("720", words::REOPENS_HALF_DAY, 720 * 60_000),
];

impl Station {
    /// May test, close, export and switch off.
    pub(crate) fn may_service(&self) -> bool {
        matches!(self.staff_role(), Some(StaffRole::Technician | StaffRole::Manager))
    }

    // ---- the table ----

    /// Brings the table up to what is known. Runs at the end of every step.
    pub(super) fn diagnose(&mut self, now: Now) {
        let clock = match now.quality {
            ClockQuality::Unknown => State::Wrong(words::FIX_CLOCK),
            ClockQuality::Held | ClockQuality::Synced => State::Well,
        };
        let well_if = |is_well, fix| if is_well { State::Well } else { State::Wrong(fix) };
        let mut states = vec![
            (Part::Reader, diagnosis::reader(self.readiness.reader)),
            (Part::Disk, well_if(!self.readiness.full, words::FIX_DISK)),
            (Part::Numbers, well_if(self.readiness.has_numbers, words::FIX_NUMBERS)),
            (Part::Clock, clock),
            (Part::Hall, well_if(self.sync.is_online(), words::FIX_HALL)),
        ];
        states.extend(self.readiness.chip_slot.map(|is| (Part::Slot, diagnosis::slot(is))));
        states.extend(self.scanner.map(|is| (Part::Scanner, diagnosis::scanner(is))));
        states.extend(self.camera.map(|is| (Part::Camera, diagnosis::camera(is))));
        if self.config.has_keypad {
            states.push((Part::Keypad, diagnosis::keypad(self.keys.health())));
        }
        states.extend(self.printer.map(|is| (Part::Printer, diagnosis::printer(is))));
        if self.room.is_fitted() {
            states.push((Part::Room, diagnosis::room(self.room.status())));
            states.push((Part::Mains, well_if(self.room.on_mains(), words::FIX_MAINS)));
        }
        let boards = self.boards.iter();
        states.extend(boards.map(|(at, is)| (Part::Board(*at), diagnosis::lock_board(*is))));
        for (part, state) in states {
            self.diagnosis.is(part, state, now.wall);
        }
    }

    /// What a device says of itself; another one than before is noticed, and works.
    pub(super) fn on_identity(&mut self, part: Part, identity: &str, now: Now) {
        if !self.diagnosis.says(part, identity) {
            return;
        }
        let (part_id, identity) = (part.id(), identity.to_owned());
        let mut records = vec![Record::DeviceSeen { part: part_id, identity }];
        if self.diagnosis.row(part).is_some_and(|row| row.replaced.is_some()) {
            records.push(self.audit(AuditKind::DeviceReplaced, None, now));
        }
        self.note(records);
    }

    // ---- from the list to one part ----

    pub(super) fn choose_device(&mut self, id: &str, now: Now) {
        if self.sees_alarms_only() {
            return;
        }
        let part = self.diagnosis.rows().map(|(part, _)| part).find(|part| part.id() == id);
        match (part, id) {
            (Some(part), _) => self.go(Page::Part { part, test: None }),
            (None, _) if !self.may_service() => {}
            (None, "maintenance") if self.maintenance.is_some() => self.reopen(now),
            (None, "maintenance") => self.go(Page::Reopens),
            (None, "export") => self.export(),
            (None, "off") => self.go(Page::PowerOff),
            (None, _) => {}
        }
    }

    /// A button of the part's page.
    pub(super) fn look_closer(&mut self, part: Part, what: &str) {
        match what {
            "wire" => {
                // A test is not seen from there, and nothing is read that nobody sees.
                self.stop_reading();
                let asked = self.ask(Request::ShowWire(part), Pending::Service);
                self.go(Page::Wire { part, asked: Some(asked), lines: Vec::new() });
            }
            "seen" if self.may_service() => {
                self.diagnosis.seen(part);
                self.turn_over();
            }
            _ => {}
        }
    }

    pub(super) fn leave_part(&mut self, part: Part, test: Option<&Test>) {
        self.stop_test(part, test);
        self.go(Page::Devices);
    }

    /// A read that nobody waits for any more.
    pub(super) fn stop_test(&mut self, part: Part, test: Option<&Test>) {
        if let (Part::Reader, Some(Test::Running(_))) = (part, test) {
            self.ask(Request::StopReading, Pending::Tidy);
        }
    }

    // ---- tests ----

    /// Parts with a wire that can be tried out here; the rest is looked at all the time.
    pub(crate) const fn can_test(part: Part) -> bool {
        match part {
            Part::Reader
            | Part::Slot
            | Part::Scanner
            | Part::Camera
            | Part::Printer
            | Part::Board(_)
            | Part::Room
            | Part::Keypad
            | Part::Disk => true,
            Part::Mains | Part::Numbers | Part::Clock | Part::Hall => false,
        }
    }

    pub(super) fn test(&mut self, part: Part, now: Now) {
        if !self.may_service() || !Self::can_test(part) {
            return;
        }
        let what = ReadWhat { photo: false, fingerprint: false, new_address: false };
        let request = match part {
            Part::Reader => Request::ReadCard(what),
            Part::Scanner => Request::TryScanner,
            Part::Camera => Request::TryCamera,
            Part::Printer => Request::TryPrinter(Box::new(test_slip(now))),
            Part::Disk => {
                let record = self.audit(AuditKind::DeviceTested, None, now);
                let id = self.expect(Pending::Service);
                self.out.push(Effect::Persist { id, records: vec![record] });
                return self.go(Page::Part { part, test: Some(Test::Running(id)) });
            }
            Part::Slot => return self.tested(part, slot_test(), now),
            Part::Board(_) => return self.tested(part, self.board_test(part), now),
            Part::Room => return self.tested(part, self.room_test(), now),
            Part::Keypad => return self.tested(part, self.keypad_test(), now),
            Part::Mains | Part::Numbers | Part::Clock | Part::Hall => return,
        };
        let id = self.ask(request, Pending::Service);
        self.go(Page::Part { part, test: Some(Test::Running(id)) });
    }

    fn tested(&mut self, part: Part, result: Tested, now: Now) {
        let record = self.audit(AuditKind::DeviceTested, None, now);
        self.note(vec![record]);
        self.go(Page::Part { part, test: Some(Test::Ended(result)) });
    }

    /// The board is asked all the time: what it said last is its test.
    fn board_test(&self, part: Part) -> Tested {
        if self.diagnosis.row(part).is_none_or(|row| row.state != State::Well) {
            return Tested::Bad(words::TEST_NO_ANSWER);
        }
        let doors = || self.custody.cells().map(|(_, cell)| cell.door);
        let n_known = doors().filter(|door| *door != DoorState::Unknown).count();
        let n_open = doors().filter(|door| matches!(door, DoorState::Open | DoorState::Ajar));
        let counts = format!("{n_known} / {} / {}", doors().count(), n_open.count());
        Tested::Good(words::TEST_DOORS, counts)
    }

    /// The same of the room board, which is asked several times a second.
    fn room_test(&self) -> Tested {
        let Some(inputs) = self.room.status().inputs else {
            return Tested::Bad(words::TEST_NO_ANSWER);
        };
        let bits = [inputs.emergency, inputs.lobby_open, inputs.on_mains].map(u8::from);
        let [button, door, mains] = bits;
        Tested::Good(words::TEST_ROOM, format!("{button} / {door} / {mains}"))
    }

    // ---- answers ----

    pub(super) fn on_serviced(&mut self, id: EffectId, reply: Reply, now: Now) {
        match (self.page.clone(), reply) {
            (Page::Wire { part, asked: Some(asked), .. }, Reply::Wire(lines)) if asked == id => {
                self.go(Page::Wire { part, asked: None, lines });
            }
            (Page::Export(Export::Running(asked)), Reply::Exported(what)) if asked == id => {
                let record = self.audit(AuditKind::LogsExported, None, now);
                self.note(vec![record]);
                self.go(Page::Export(Export::Done(what)));
            }
            (Page::Part { part, test: Some(Test::Running(asked)) }, reply) if asked == id => {
                let result = seen(reply);
                self.tested(part, result, now);
            }
            (_, _) => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "on any other page nobody waits for it")]
    pub(super) fn on_service_refused(&mut self, id: EffectId, refusal: Refusal, now: Now) {
        match self.page.clone() {
            Page::Wire { part, asked: Some(asked), .. } if asked == id => {
                self.go(Page::Wire { part, asked: None, lines: Vec::new() });
            }
            Page::Export(Export::Running(asked)) if asked == id => {
                self.go(Page::Export(Export::Failed(not_exported(refusal))));
            }
            Page::Part { part, test: Some(Test::Running(asked)) } if asked == id => {
                self.tested(part, Tested::Bad(not_passed(refusal)), now);
            }
            _ => {}
        }
    }

    /// The disk has taken a line.
    pub(super) fn on_disk_tested(&mut self, id: EffectId) {
        if let Page::Part { part: Part::Disk, test: Some(Test::Running(asked)) } = self.page
            && asked == id
        {
            let test = Some(Test::Ended(Tested::Good(words::TEST_WRITTEN, String::new())));
            self.go(Page::Part { part: Part::Disk, test });
        }
    }

    // ---- closed for a while ----

    pub(super) fn close_for(&mut self, id: &str, now: Now) {
        let chosen = REOPENS.iter().find(|(known, _, _)| *known == id);
        let Some((_, _, after_ms)) = chosen.filter(|_| self.may_service()) else { return };
        let until = match now.quality {
            ClockQuality::Unknown => None,
            ClockQuality::Held | ClockQuality::Synced => Some(WallTime(now.wall.0 + after_ms)),
        };
        self.maintenance = Some(Maintenance { until });
        let record = self.audit(AuditKind::MaintenanceBegun, None, now);
        self.note(vec![Record::Maintenance(self.maintenance), record]);
        self.end_session(SessionEnd::Finished, now);
    }

    fn reopen(&mut self, now: Now) {
        self.maintenance = None;
        let record = self.audit(AuditKind::MaintenanceEnded, None, now);
        self.note(vec![Record::Maintenance(None), record]);
        self.turn_over();
    }

    /// Staff come to a station that is closed.
    pub(super) fn staff_come(&mut self, now: Now) {
        self.open_session(Look::default(), now);
        self.go(Page::StaffCard { trouble: None });
    }

    // ---- logs, power ----

    fn export(&mut self) {
        let id = self.ask(Request::ExportLogs, Pending::Service);
        self.go(Page::Export(Export::Running(id)));
    }

    /// Nothing is switched off with a door open: what lies behind it would be in doubt.
    pub(super) fn power_off(&mut self, now: Now) {
        if !self.may_service() || self.custody.open_door().is_some() {
            return self.turn_over();
        }
        let record = self.audit(AuditKind::PoweredOff, None, now);
        self.end_session(SessionEnd::Finished, now);
        self.persist(vec![record], Pending::PowerOff);
        self.go(Page::PoweredOff);
    }

    /// It is on the disk that somebody switched the station off: the program ends.
    pub(super) fn on_power_off_written(&mut self) {
        self.out.push(Effect::Stop { code: EXIT_POWER_OFF });
    }
}

/// The card of whoever looks at this page was read in it.
const fn slot_test() -> Tested {
    Tested::Good(words::TEST_SLOT, String::new())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "no other reply is one to a test")]
fn seen(reply: Reply) -> Tested {
    match reply {
        Reply::Card(_) => Tested::Good(words::TEST_CARD, String::new()),
        Reply::Code(code) => {
            Tested::Good(words::TEST_CODE, code.expose().chars().count().to_string())
        }
        Reply::Looked { width_px, height_px, quality } => {
            let values = format!("{width_px} × {height_px} / {}", quality.brightness);
            Tested::Good(words::TEST_PICTURE, values)
        }
        Reply::Printed => Tested::Good(words::TEST_PRINTED, String::new()),
        _ => Tested::Bad(words::TEST_NO_ANSWER),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else is refused, it did not answer")]
const fn not_passed(refusal: Refusal) -> Say {
    use device_api::{camera, id_reader, receipt_printer};
    match refusal {
        Refusal::Card(id_reader::Refusal::Stopped) => words::TEST_STOPPED,
        Refusal::Card(id_reader::Refusal::DeviceDown(_)) => words::TEST_NO_ANSWER,
        Refusal::Card(_) => words::TEST_BAD_CARD,
        Refusal::NoCode => words::TEST_NO_CODE,
        Refusal::ForeignCode => words::TEST_BAD_CODE,
        Refusal::Camera(camera::Fault::NothingThere | camera::Fault::BadPicture) => {
            words::TEST_BAD_PICTURE
        }
        Refusal::Print(receipt_printer::Refusal::Uncertain(_)) => words::TEST_UNCERTAIN,
        _ => words::TEST_NO_ANSWER,
    }
}

const fn not_exported(refusal: Refusal) -> Say {
    if let Refusal::Export(why) = refusal { why.say() } else { words::EXPORT_FAILED }
}

/// Says what it is, so that nobody takes it for a receipt.
fn test_slip(now: Now) -> Slip {
    let line = |text: String, scale| {
        SlipPart::Line(Line { text: Private::new(text), scale, align: Align::Centre, bold: false })
    };
    let time = match now.quality {
        ClockQuality::Unknown => words::CLOCK_UNKNOWN.in_(Language::Chinese),
        ClockQuality::Held | ClockQuality::Synced => {
            let civil = now.wall.civil();
            format!("{} {}", civil.date_zh(), civil.clock())
        }
    };
    Slip {
        parts: vec![
            line(words::TEST_SLIP.in_(Language::Chinese), Scale::Double),
            line(time, Scale::Normal),
            line("0123456789 ABCDEF 龙沙站收件凭证".to_owned(), Scale::Normal),
            SlipPart::Rule,
            SlipPart::Gap(1),
        ],
    }
}

/// What staff can look at, and where it is connected.
pub(super) fn parts_of(config: &Config) -> Vec<(Part, String)> {
    let always = [Part::Reader, Part::Camera, Part::Disk, Part::Numbers, Part::Clock, Part::Hall];
    let fitted = [
        (config.has_chip_slot, Part::Slot),
        (config.has_scanner, Part::Scanner),
        (config.has_printer, Part::Printer),
        (config.has_room, Part::Room),
        (config.has_room, Part::Mains),
        (config.has_keypad, Part::Keypad),
    ];
    let fitted = fitted.into_iter().filter_map(|(is_fitted, part)| is_fitted.then_some(part));
    let boards = config.links.iter().map(|(part, _)| *part).filter(|p| matches!(p, Part::Board(_)));
    let link = |part: Part| {
        let named = config.links.iter().find(|(known, _)| *known == part);
        (part, named.map(|(_, link)| link.clone()).unwrap_or_default())
    };
    always.into_iter().chain(fitted).chain(boards).map(link).collect()
}
