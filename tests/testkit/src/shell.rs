//! What the shell does: effects are performed in order, each is answered exactly once.

use device_api::{
    RequestId,
    id_reader::{self, Request as ReaderRequest},
    keypad,
    locker::DoorNo,
    smart_card,
};
use kiosk_core::{
    Effect, EffectId, Event,
    custody::{CellState, Change, Step, Who},
    diagnosis::Part,
    effect::{Outgoing, Query, Refusal, Reply, Request},
    event::{FeedItem, PersistError},
    focus::stops,
    keys::Utterance,
    record::{FiledCase, Record},
    view::{Ink, Intent, View},
};
use kiosk_words::{Digest32, Moment, Originals, Private, Seq};
use sha2::{Digest as _, Sha256};

use crate::{
    glass,
    invariants::{
        clock_never_extends, full_disk_refuses_only_new, keys_reach_everything,
        never_accept_unfinishable::{self, Filing},
        no_pii_in_logs, nothing_shown_to_the_next, per_case_order, printed_in_its_session,
        released_only_to_named_collector, revocation_bites, silent_without_jack, technician_limits,
    },
    people,
    store::Committed,
    world::{Due, World, receipt_digits},
};

/// One write with its fsync.
const COMMIT_MS: u64 = 3;
/// The answer is on its way this long: a crash may come between.
const ANSWER_MS: u64 = 1;
/// From the shutter to the sealed page.
const CAPTURE_MS: u64 = 400;
const TIDY_MS: u64 = 2;
const CHANGE_KEYS_MS: u64 = 50;
/// Written to a stick, flushed and read back.
const EXPORT_MS: u64 = 1_500;
/// Pixels of a picture of the camera.
const LENS_PX: (u32, u32) = (2_480, 3_508);

impl World {
    pub(crate) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.note_effect(&effect);
            match effect {
                Effect::Persist { id, records } => {
                    self.note_session(&records);
                    let at = self.store_turn();
                    self.due_at(at, Due::Commit { id, records });
                }
                Effect::Find { id, query } => {
                    let at = self.store_turn();
                    self.due_at(at, Due::Find { id, query });
                }
                Effect::Ask { id, request } => self.ask(id, request),
                Effect::Send { id, what: Outgoing::Events { after } } => {
                    self.send_events(id, after)
                }
                Effect::Send { id, what: Outgoing::Scans { case } } => self.send_scans(id, case),
                Effect::Show(view) => self.show(&view),
                Effect::Wake(moment) => self.wake = Some(moment),
                Effect::Speak(utterance) => self.speak(utterance),
                Effect::Hush => self.keypad.hush(),
                Effect::Ink(ink) => self.send_ink(ink),
                Effect::Stop { code } => {
                    self.exit = Some(code);
                    self.wake = None;
                    self.vault.lose_memory();
                }
            }
        }
    }

    /// The store is one thread: work is done in order.
    fn store_turn(&mut self) -> u64 {
        self.store_free_at = self.store_free_at.max(self.clock.now_ms()) + COMMIT_MS;
        self.store_free_at
    }

    fn ask(&mut self, id: EffectId, request: Request) {
        match request {
            Request::ReadCard(what) => self.ask_reader(id, ReaderRequest::Read(what)),
            Request::StopReading => self.ask_reader(id, ReaderRequest::Stop),
            Request::ReadChipCard { challenge } => {
                self.ask_slot(id, smart_card::Request::Read { challenge });
            }
            Request::ProveStaff { pin, challenge } => {
                self.ask_slot(id, smart_card::Request::Prove { pin, challenge });
            }
            Request::StopReadingChip => self.ask_slot(id, smart_card::Request::Stop),
            Request::Capture { .. } => self.page_turn(id, request, CAPTURE_MS),
            Request::Print { slip, reprint } => {
                let (open, written_in) = (self.witness.session, self.witness.slip_of);
                let verdict = printed_in_its_session::check(open, written_in);
                self.hold("printed_in_its_session", verdict);
                let told = self.printer.print(id, slip, reprint, self.clock.now_ms());
                self.hear_printer(told);
            }
            Request::TryPrinter(slip) => {
                let told = self.printer.print(id, slip, false, self.clock.now_ms());
                self.hear_printer(told);
            }
            Request::OpenDoor(door) => {
                self.witness.asked.push(door);
                let heard = &self.witness.frozen;
                let verdict = revocation_bites::check(self.store.custody(), heard);
                self.hold("revocation_bites", verdict);
                let told = self.cabinet.open(id, door, self.clock.now_ms());
                self.hear_cabinet(told);
            }
            Request::SwitchRoom { output, on } => {
                let told = self.room.switch(id, output, on, self.clock.now_ms());
                self.hear_device(told);
            }
            Request::ReadCode => {
                let refused = Event::Refused { id, refusal: Refusal::NoCode };
                let read =
                    |text: &String| Event::Done { id, reply: Reply::Code(Private::text(text)) };
                let told = self.code_under_the_lens.as_ref().map_or(refused, read);
                self.due_in(CAPTURE_MS, Due::Tell(told));
            }
            Request::TryScanner
            | Request::TryCamera
            | Request::ShowWire(_)
            | Request::ExportLogs => self.serve_technician(id, &request),
            Request::Discard { .. } => self.page_turn(id, request, TIDY_MS),
            Request::Wipe => {
                let told = self.printer.cancel(id, self.clock.now_ms());
                self.hear_printer(told);
                self.page_turn(id, request, TIDY_MS);
            }
            // Keys are the store's business; here they only take their time.
            Request::ChangeKeys { .. } => {
                let reply = Reply::KeysChanged;
                self.due_in(CHANGE_KEYS_MS, Due::Tell(Event::Done { id, reply }));
            }
            Request::Hash { text } => {
                let digest = Digest32(Sha256::digest(text.expose().as_bytes()).into());
                let reply = Reply::Hashed(digest);
                self.due_in(ANSWER_MS, Due::Tell(Event::Done { id, reply }));
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others were performed before")]
    fn serve_technician(&mut self, id: EffectId, request: &Request) {
        let done = |reply| Event::Done { id, reply };
        let refused = |refusal| Event::Refused { id, refusal };
        let (takes_ms, told) = match request {
            Request::TryCamera => (
                CAPTURE_MS,
                self.lens.look().map_or_else(
                    |fault| refused(Refusal::Camera(fault)),
                    |paper| {
                        let ((width_px, height_px), quality) = (LENS_PX, paper.quality);
                        done(Reply::Looked { width_px, height_px, quality })
                    },
                ),
            ),
            Request::ShowWire(part) => {
                let lines = self.wire_of(*part).map(|lines| done(Reply::Wire(lines)));
                (ANSWER_MS, lines.unwrap_or_else(|| refused(Refusal::NotFitted)))
            }
            Request::ExportLogs => (
                EXPORT_MS,
                match &self.stick {
                    Ok(copied) => done(Reply::Exported(copied.clone())),
                    Err(why) => refused(Refusal::Export(*why)),
                },
            ),
            _ => (CAPTURE_MS, refused(Refusal::NotFitted)),
        };
        self.due_in(takes_ms, Due::Tell(told));
    }

    /// Of the devices that have a line here.
    fn wire_of(&self, part: Part) -> Option<Vec<device_api::wire::Line>> {
        let now_ms = self.clock.now_ms();
        match part {
            Part::Reader => Some(self.reader.last_minute(now_ms)),
            Part::Printer => Some(self.printer.last_minute(now_ms)),
            Part::Board(_) => Some(self.cabinet.last_minute(now_ms)),
            Part::Room => Some(self.room.last_minute(now_ms)),
            Part::Keypad => Some(self.keypad.last_minute(now_ms)),
            Part::Slot
            | Part::Scanner
            | Part::Camera
            | Part::Mains
            | Part::Disk
            | Part::Numbers
            | Part::Clock
            | Part::Hall => None,
        }
    }

    fn page_turn(&mut self, id: EffectId, request: Request, takes_ms: u64) {
        self.pages_free_at = self.pages_free_at.max(self.clock.now_ms()) + takes_ms;
        self.due_at(self.pages_free_at, Due::Page { id, request });
    }

    fn ask_reader(&mut self, id: EffectId, request: ReaderRequest) {
        let heard = self.reader.ask(RequestId(id.0), request, self.clock.now_ms());
        self.hear_reader(heard);
    }

    /// What the driver tells reaches the station next; whether it told anything.
    pub(crate) fn hear_reader(&mut self, heard: Vec<id_reader::Event>) -> bool {
        let any = !heard.is_empty();
        for event in heard {
            let told = match event {
                id_reader::Event::Done(id, id_reader::Reply::Card(card)) => {
                    let number = card.number.expose();
                    self.witness.people.show_card(number, &people::words_of(number));
                    Event::Done { id: EffectId(id.0), reply: Reply::Card(card) }
                }
                id_reader::Event::Done(id, id_reader::Reply::Stopped) => {
                    Event::Done { id: EffectId(id.0), reply: Reply::Stopped }
                }
                id_reader::Event::Refused(id, why) => {
                    Event::Refused { id: EffectId(id.0), refusal: Refusal::Card(why) }
                }
                id_reader::Event::StatusChanged(status) => Event::Reader(status),
            };
            self.due_in(0, Due::Tell(told));
        }
        any
    }

    fn ask_slot(&mut self, id: EffectId, request: smart_card::Request) {
        let heard = self.slot.ask(RequestId(id.0), request, Moment(self.clock.now_ms()));
        self.hear_slot(heard);
    }

    /// The same of the slot for chip cards.
    pub(crate) fn hear_slot(&mut self, heard: Vec<smart_card::Event>) -> bool {
        let any = !heard.is_empty();
        for event in heard {
            let told = match event {
                smart_card::Event::Done(id, smart_card::Reply::SocialCard(card)) => {
                    let number = card.number.expose();
                    self.witness.people.show_card(number, &people::words_of(number));
                    Event::Done { id: EffectId(id.0), reply: Reply::SocialCard(card) }
                }
                smart_card::Event::Done(id, smart_card::Reply::StaffCard(card)) => {
                    Event::Done { id: EffectId(id.0), reply: Reply::StaffCard(card) }
                }
                smart_card::Event::Done(id, smart_card::Reply::Proof(signature)) => {
                    Event::Done { id: EffectId(id.0), reply: Reply::StaffProof(signature) }
                }
                smart_card::Event::Done(id, smart_card::Reply::Stopped) => {
                    Event::Done { id: EffectId(id.0), reply: Reply::Stopped }
                }
                smart_card::Event::Refused(id, why) => {
                    Event::Refused { id: EffectId(id.0), refusal: Refusal::Chip(why) }
                }
                smart_card::Event::StatusChanged(status) => Event::ChipSlot(status),
            };
            self.due_in(0, Due::Tell(told));
        }
        any
    }

    /// The same of the locker; a pulse is seen as well.
    pub(crate) fn hear_cabinet(&mut self, told: Vec<Event>) -> bool {
        let driven = self.cabinet.take_driven();
        let any = !told.is_empty() || !driven.is_empty();
        for door in driven {
            self.witness.note(self.clock.now_ms(), &format!("lock {door} is pulsed"));
            self.witness.pulsed.push(door);
        }
        told.into_iter().for_each(|event| self.due_in(0, Due::Tell(event)));
        any
    }

    /// The same of the room.
    pub(crate) fn hear_device(&mut self, told: Vec<Event>) -> bool {
        let any = !told.is_empty();
        told.into_iter().for_each(|event| self.due_in(0, Due::Tell(event)));
        any
    }

    /// Locks that a board really pulsed, in order.
    pub fn pulsed(&self) -> &[DoorNo] {
        &self.witness.pulsed
    }

    /// The same of the printer; a paper that came out is seen as well.
    pub(crate) fn hear_printer(&mut self, told: Vec<Event>) -> bool {
        let any = self.printer.has_new_paper() || !told.is_empty();
        told.into_iter().for_each(|event| self.due_in(0, Due::Tell(event)));
        any
    }

    pub(crate) fn page_job(&mut self, id: EffectId, request: Request) {
        let done = |reply| Event::Done { id, reply };
        let event = match request {
            Request::Capture { .. } => {
                self.n_images += 1;
                match self.vault.capture(self.n_images, &self.lens, &mut self.store.disk) {
                    Ok((image, scan)) => done(Reply::Captured { image, scan }),
                    Err(refusal) => Event::Refused { id, refusal },
                }
            }
            Request::Discard { image } => {
                self.vault.discard(image, &mut self.store.disk);
                done(Reply::Discarded)
            }
            Request::Wipe => {
                let sealed = self.store.sealed_files();
                self.vault.wipe(&mut self.store.disk, |digest| sealed.contains(digest));
                done(Reply::Wiped)
            }
            Request::ReadCard(_)
            | Request::StopReading
            | Request::Print { .. }
            | Request::TryPrinter(_)
            | Request::OpenDoor(_)
            | Request::SwitchRoom { .. }
            | Request::ReadCode
            | Request::TryScanner
            | Request::TryCamera
            | Request::ShowWire(_)
            | Request::ExportLogs
            | Request::Hash { .. }
            | Request::ReadChipCard { .. }
            | Request::ProveStaff { .. }
            | Request::StopReadingChip
            | Request::ChangeKeys { .. } => unreachable!("no job of the pages"),
        };
        self.tell(event);
    }

    pub(crate) fn commit(&mut self, id: EffectId, records: &[Record]) {
        let answer = match self.write(records) {
            Ok(done) => Event::Persisted { id, seq: done.seq, receipt_qr: done.receipt_qr },
            Err(why) => {
                if why == PersistError::Full {
                    self.due_in(1_000, Due::LookForRoom);
                }
                Event::PersistFailed { id, why }
            }
        };
        self.due_in(ANSWER_MS, Due::Tell(answer));
    }

    /// One transaction, watched by the invariants that speak of writes.
    pub(crate) fn write(&mut self, records: &[Record]) -> Result<Committed, PersistError> {
        let disk_is_full = self.store.disk.is_full();
        let before = self.store.service_time();
        for record in records {
            if let Record::CaseMoved { case, state, .. } = record
                && let Some(known) = self.store.cases().find(|known| known.filed.case == *case)
            {
                let verdict = per_case_order::check_move(&known.state, state);
                self.hold("per_case_order", verdict);
            }
        }
        self.check_takers(records);
        self.check_staff(records);
        self.check_filing(records);
        let done = self.store.persist(records);
        self.tell_beside(records, done.as_ref().ok().map(|done| done.seq));
        if done.is_ok() {
            self.witness.authorised.extend(records.iter().filter_map(authorised_door));
        }
        let write = full_disk_refuses_only_new::Write {
            disk_is_full,
            brings_a_case: records.iter().any(|r| matches!(r, Record::CaseFiled(_))),
            refused: done == Err(PersistError::Full),
        };
        if done != Err(PersistError::Io) && done != Err(PersistError::Closed) {
            let verdict = full_disk_refuses_only_new::check(write);
            self.hold("full_disk_refuses_only_new", verdict);
        }
        let verdict = clock_never_extends::check_stored(before, self.store.service_time());
        self.hold("clock_never_extends", verdict);
        done
    }

    /// What the model took, the other store takes too, under the same number.
    fn tell_beside(&mut self, records: &[Record], seq: Option<Seq>) {
        let (Some(beside), Some(seq)) = (&mut self.beside, seq) else { return };
        let verdict = match beside.persist(records) {
            Ok(theirs) if theirs == seq => Ok(()),
            Ok(theirs) => Err(format!("event {} has the number {}", seq.0, theirs.0)),
            Err(why) => Err(format!("the store refuses what the model took: {why}")),
        };
        self.hold("acked_is_durable", verdict);
    }

    fn check_takers(&self, records: &[Record]) {
        for record in records {
            if let Record::Custody {
                change: Change::Moved { envelope, step, by: Some(Who::Citizen { number }), .. },
                ..
            } = record
                && matches!(step, Step::Collected | Step::TakenBack)
            {
                let may = self.store.may_take(envelope.case, envelope.order).into_iter();
                let verdict = released_only_to_named_collector::check(number.expose(), may);
                self.hold("released_only_to_named_collector", verdict);
            }
        }
    }

    fn check_staff(&self, records: &[Record]) {
        for record in records {
            if let Record::Custody { change: Change::Authorised { door, act, by, .. }, .. } = record
            {
                let cells = &self.store.custody().cells;
                let cell = cells.iter().find(|(known, _)| known == door);
                let cell = cell.map_or(CellState::Unknown, |(_, state)| *state);
                self.hold("technician_limits", technician_limits::check(by, *act, cell));
            }
        }
    }

    fn check_filing(&self, records: &[Record]) {
        for record in records {
            let Record::CaseFiled(filed) = record else { continue };
            let verdict = never_accept_unfinishable::check(self.filing(filed));
            self.hold("never_accept_unfinishable", verdict);
        }
    }

    /// What a case has of what its matter asks for.
    fn filing(&self, filed: &FiledCase) -> Filing {
        let matter = self.catalogue.get(&filed.matter).expect("a case of a known matter");
        let answers = filed.answers.iter().cloned().collect();
        let plan = matter.plan(&answers);
        let captured = plan.materials.iter().filter(|material| material.how.is_captured());
        let pages = captured.flat_map(|m| (1..=m.pages).map(|page| (m.id.as_str(), page)));
        let has_page =
            |page: &(&str, u16)| filed.scans.iter().any(|s| (s.slot.as_str(), s.page) == *page);
        let has_field = |id: &str| filed.fields.iter().any(|f| f.id == id);
        let cells = &self.store.custody().cells;
        let is_empty = |state: &CellState| *state == CellState::Empty;
        let has_cabinet = !cells.is_empty();
        Filing {
            n_pages_missing: pages.filter(|page| !has_page(page)).count(),
            n_fields_missing: plan.fields.iter().filter(|field| !has_field(&field.id)).count(),
            n_signatures: filed.signatures.len(),
            wants_cell: has_cabinet && filed.state.originals == Originals::AwaitingCell,
            n_empty_cells: cells.iter().filter(|(_, state)| is_empty(state)).count(),
        }
    }

    /// Which session is open, and in which the last slip was written down.
    fn note_session(&mut self, records: &[Record]) {
        for record in records {
            if let Record::SessionOpened { session, .. } = record {
                self.witness.session = Some(*session);
            }
            if let Record::SessionClosed { .. } = record {
                self.witness.session = None;
                self.witness.people.leave();
            }
            if let Record::PrintStarted { .. } = record {
                self.witness.slip_of = self.witness.session;
            }
        }
    }

    pub(crate) fn find(&mut self, id: EffectId, query: &Query) {
        let answer = self.store.answer(id, query);
        self.due_in(ANSWER_MS, Due::Tell(answer));
    }

    pub(crate) fn look_for_room(&mut self) {
        if self.store.disk.is_full() {
            self.due_in(1_000, Due::LookForRoom);
        } else {
            self.tell(Event::RoomAgain);
        }
    }

    fn show(&mut self, view: &View) {
        self.witness.receipts_shown.extend(receipt_digits(view));
        self.witness.saw(view);
        let foreign = self.witness.people.foreign();
        let verdict = nothing_shown_to_the_next::check(&format!("{view:?}"), foreign);
        self.hold("nothing_shown_to_the_next", verdict);
        let verdict = keys_reach_everything::check(&glass::targets(view), &stops(view));
        self.hold("keys_reach_everything", verdict);
        let page = glass::page(view);
        self.witness.note(self.clock.now_ms(), &format!("show {page} rev {}", view.revision.0));
    }

    /// Into the earphones, of whoever wears them.
    fn speak(&mut self, utterance: Utterance) {
        let text = utterance.text.expose();
        let run_together: String = text.chars().filter(|char| *char != ' ').collect();
        let foreign = self.witness.people.foreign();
        for said in [text, &run_together] {
            let verdict = nothing_shown_to_the_next::check(said, foreign);
            self.hold("nothing_shown_to_the_next", verdict);
        }
        self.hold("silent_without_jack", silent_without_jack::check(self.keypad.status()));
        self.keypad.speak(utterance);
    }

    /// The screen holds what was written with a finger.
    fn send_ink(&mut self, ink: Ink) {
        let strokes = std::mem::take(&mut self.pad);
        if ink == Ink::Send {
            let (revision, intent) = (self.view().revision, Intent::Signed(strokes));
            self.due_in(0, Due::Tell(Event::Intent { revision, intent }));
        }
    }

    pub(crate) fn note_for_logs(&mut self, event: &Event) {
        if let Event::Feed { item: FeedItem::Freeze { case, frozen }, .. } = event {
            self.witness.frozen.remove(case);
            self.witness.frozen.extend(frozen.then_some(*case));
        }
        if matches!(event, Event::Keypad(keypad::Event::Pressed(_) | keypad::Event::Plugged)) {
            // A key is a hand of a person, as a touch is; a plug wakes, and is none later.
            self.witness.patience_since_ms = self.clock.now_ms();
        }
        let line = format!("{event:?}");
        self.witness.note(self.clock.now_ms(), &line);
        self.hold("no_pii_in_logs", no_pii_in_logs::check(&line, &self.witness.canaries));
    }

    fn note_effect(&mut self, effect: &Effect) {
        if matches!(effect, Effect::Show(_)) {
            return;
        }
        let line = format!("{effect:?}");
        self.witness.note(self.clock.now_ms(), &line);
        self.hold("no_pii_in_logs", no_pii_in_logs::check(&line, &self.witness.canaries));
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "no other record authorises")]
const fn authorised_door(record: &Record) -> Option<DoorNo> {
    match record {
        Record::Custody { change: Change::Authorised { door, .. }, .. } => Some(*door),
        _ => None,
    }
}
