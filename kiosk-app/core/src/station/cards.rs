//! Who is it: the notice before the first card, the read, and what a card's facts allow.

use device_api::id_reader::{self, Health, IdCard, ReadWhat, Sex, Status, ValidTo};
use kiosk_words::{ClockQuality, Now, Private, WallTime, time::CivilTime};

use super::{
    Pending, Station,
    pages::{CardTrouble, Page, Purpose, Refused, Sheet},
};
use crate::{
    application::{Application, GUARDIAN_AGE},
    diagnosis::Part,
    effect::{EffectId, Query, Request},
    event::FoundCase,
    record::{AuditKind, Person, Role},
    session::Told,
};

impl Station {
    /// The notice comes before the first card read for each purpose (R15): what was told of finding
    /// one's cases does not cover an application, nor one matter another.
    pub(super) fn ask_card(&mut self, purpose: Purpose, now: Now) {
        let notice = self.notice_for(purpose);
        let told = self.session.as_ref().is_some_and(|session| session.told.contains(&notice));
        if told {
            self.start_reading(purpose);
        } else {
            let record = self.audit(AuditKind::NoticeShown, None, now);
            self.note(vec![record]);
            self.go(Page::Notice(purpose));
        }
    }

    /// 知道了
    pub(super) fn acknowledge(&mut self, purpose: Purpose, now: Now) {
        let notice = self.notice_for(purpose);
        if let Some(session) = &mut self.session {
            session.told.push(notice);
        }
        self.ask_card(purpose, now);
    }

    fn notice_for(&self, purpose: Purpose) -> Told {
        match purpose {
            Purpose::Progress | Purpose::Collect => Told::OwnCases,
            Purpose::Applicant | Purpose::Guardian => {
                let open = self.application.as_ref();
                let open = open.unwrap_or_else(|| unreachable!("a form's card without a form"));
                Told::Matter(open.matter.id.clone())
            }
        }
    }

    pub(super) fn start_reading(&mut self, purpose: Purpose) {
        self.read_again(purpose, None);
    }

    fn read_again(&mut self, purpose: Purpose, trouble: Option<CardTrouble>) {
        self.end_watch();
        // Without a reader for id cards the slot alone may do; it reads by itself. Where it will
        // not do, the reader's refusal says what is wrong.
        if self.readiness.card_blocked().is_some() && self.slot_will_do(purpose) {
            return self.go(Page::Card { purpose, read: None, trouble });
        }
        let new_address = match purpose {
            Purpose::Applicant => true,
            Purpose::Guardian | Purpose::Progress | Purpose::Collect => false,
        };
        let what = ReadWhat { photo: false, fingerprint: false, new_address };
        let read = Some(self.ask(Request::ReadCard(what), Pending::Read));
        self.go(Page::Card { purpose, read, trouble });
    }

    pub(super) fn on_reader(&mut self, status: Status, now: Now) {
        self.readiness.reader = status.health;
        if let Some(module) = &status.module_id {
            self.on_identity(Part::Reader, module, now);
        }
        self.reader = Some(status);
        // The reader is back while somebody waits at it: read on.
        if let Page::Card { purpose, read: None, .. } = self.page
            && self.readiness.card_blocked().is_none()
            && self.sheet.is_none()
        {
            self.start_reading(purpose);
        }
    }

    /// Which card page, if any, waits for this read.
    fn waiting_for(&self, id: EffectId) -> Option<Purpose> {
        let Page::Card { purpose, read: Some(read), .. } = self.page else { return None };
        (read == id).then_some(purpose)
    }

    /// While an application is open, a card that is laid down is read: another person's asks
    /// before anything changes. Runs at the end of every step.
    pub(super) fn keep_watch(&mut self) {
        let begun = self.application.as_ref().is_some_and(|a| a.applicant().is_some());
        let free = self.sheet.is_none() && self.page.watches_for_cards();
        let wanted = begun && free && self.readiness.card_blocked().is_none();
        if !wanted {
            self.end_watch();
        } else if self.watch.is_none() {
            let what = ReadWhat { photo: false, fingerprint: false, new_address: true };
            self.watch = Some(self.ask(Request::ReadCard(what), Pending::Read));
        }
    }

    fn end_watch(&mut self) {
        if self.watch.take().is_some() {
            self.ask(Request::StopReading, Pending::Tidy);
        }
    }

    fn on_watched_card(&mut self, card: &IdCard, now: Now) {
        let Some(application) = &self.application else { return };
        let known = application.parties.iter().any(|party| party.person.number == card.number);
        if known || self.expired(card, now).is_some() {
            return;
        }
        let record = self.audit(AuditKind::CardRead, None, now);
        self.note(vec![record]);
        let module = self.reader.as_ref().and_then(|status| status.module_id.clone());
        self.open_sheet(Sheet::OtherPerson(Box::new(person(card, module, now))));
    }

    pub(super) fn on_read_refused(&mut self, id: EffectId, why: id_reader::Refusal, now: Now) {
        if self.watch == Some(id) {
            self.watch = None;
            // The status that says so is on its way; until then nothing is asked, or a driver that has
            // ended would be asked for ever.
            match why {
                id_reader::Refusal::DeviceDown(fault) => {
                    self.readiness.reader = Health::Down(fault);
                }
                id_reader::Refusal::Stopped => self.readiness.reader = Health::Starting,
                id_reader::Refusal::LayAgain
                | id_reader::Refusal::NotAnIdCard
                | id_reader::Refusal::BadCardData
                | id_reader::Refusal::NotTrusted => {}
            }
            return;
        }
        let Some(purpose) = self.waiting_for(id) else { return };
        let trouble = Some(CardTrouble::Reader(why));
        let record = self.audit(AuditKind::CardRefused, None, now);
        self.note(vec![record]);
        match why {
            id_reader::Refusal::LayAgain
            | id_reader::Refusal::NotAnIdCard
            | id_reader::Refusal::BadCardData
            | id_reader::Refusal::NotTrusted => self.read_again(purpose, trouble),
            // Nothing to read with until the reader's status says so.
            id_reader::Refusal::Stopped | id_reader::Refusal::DeviceDown(_) => {
                self.go(Page::Card { purpose, read: None, trouble });
            }
        }
    }

    pub(super) fn on_card(&mut self, id: EffectId, card: &IdCard, now: Now) {
        if self.watch == Some(id) {
            self.watch = None;
            return self.on_watched_card(card, now);
        }
        let Some(purpose) = self.waiting_for(id) else { return };
        let record = self.audit(AuditKind::CardRead, None, now);
        self.note(vec![record]);
        if let Some(until) = self.expired(card, now) {
            return self.go(Page::Refused(Refused::Expired { until }));
        }
        let module = self.reader.as_ref().and_then(|status| status.module_id.clone());
        let person = person(card, module, now);
        if let Some(session) = &mut self.session {
            session.verified(person.clone());
        }
        match purpose {
            Purpose::Applicant => self.on_applicant(person, now),
            Purpose::Guardian => self.on_guardian(person, now),
            Purpose::Progress | Purpose::Collect => self.look_up(&person, purpose),
        }
    }

    fn on_applicant(&mut self, person: Person, now: Now) {
        let today = self.today(now);
        let Some(application) = &mut self.application else { return };
        let other = application.applicant().is_some_and(|known| known.number != person.number);
        if other {
            self.go(Page::Card { purpose: Purpose::Applicant, read: None, trouble: None });
            return self.open_sheet(Sheet::OtherPerson(Box::new(person)));
        }
        let age = today.age_of(person.birth.expose());
        if let (Some(from), Some(age)) = (application.matter.open_from_age, age)
            && age < from
        {
            return self.go(Page::Refused(Refused::TooYoung { from }));
        }
        application.add_party(Role::Applicant, person, None);
        self.guardian_or_form(now);
    }

    /// Who may not act alone needs a guardian before the form.
    fn guardian_or_form(&mut self, now: Now) {
        let today = self.today(now);
        let Some(application) = &self.application else { return };
        let age = application.applicant().and_then(|a| today.age_of(a.birth.expose()));
        let minor = age.is_some_and(|age| age < application.matter.alone_from_age);
        if minor && application.party(Role::Guardian).is_none() {
            self.start_reading(Purpose::Guardian);
        } else {
            self.open_form();
        }
    }

    /// The day after which the card does not count, if that day has certainly passed.
    fn expired(&self, card: &IdCard, now: Now) -> Option<String> {
        let ValidTo::Until(until) = &card.valid_to else { return None };
        self.has_passed(until, now).then(|| until.clone())
    }

    /// This day, `YYYYMMDD`, lies behind us.
    pub(super) fn has_passed(&self, day: &str, now: Now) -> bool {
        *day < *self.today(now).yyyymmdd()
    }

    /// The day by which ages and cards are counted. On a clock that nobody vouches for it is the stored
    /// time, which never runs ahead: a minor stays a minor, and no good card is called expired.
    fn today(&self, now: Now) -> CivilTime {
        match now.quality {
            ClockQuality::Unknown => WallTime(self.service_time.0).civil(),
            ClockQuality::Held | ClockQuality::Synced => now.wall.civil(),
        }
    }

    fn on_guardian(&mut self, person: Person, now: Now) {
        let today = self.today(now);
        let Some(application) = &mut self.application else { return };
        let same = application.applicant().is_some_and(|a| a.number == person.number);
        let age = today.age_of(person.birth.expose());
        if same {
            self.read_again(Purpose::Guardian, Some(CardTrouble::SamePerson));
        } else if age.is_none_or(|age| age < GUARDIAN_AGE) {
            self.read_again(Purpose::Guardian, Some(CardTrouble::GuardianTooYoung));
        } else {
            application.add_party(Role::Guardian, person, None);
            self.open_form();
        }
    }

    fn open_form(&mut self) {
        let Some(application) = &self.application else { return };
        let first = application.typed_fields().first().map(|field| field.id.clone());
        self.go(Page::Form { focus: first });
    }

    /// Another person takes over: everything of the first one goes, the matter stays.
    pub(super) fn change_person(&mut self, person: Person, now: Now) {
        let Some(old) = self.application.take() else { return };
        self.wipe();
        let mut fresh = Application::new(old.case, old.matter);
        fresh.answers = old.answers;
        self.application = Some(fresh);
        if let Some(session) = &mut self.session {
            session.people.clear();
            session.verified(person.clone());
        }
        self.on_applicant(person, now);
    }

    /// The first person goes on; the other card changed nothing.
    pub(super) fn keep_person(&mut self, now: Now) {
        self.close_sheet();
        if let Page::Card { .. } = self.page {
            self.guardian_or_form(now);
        }
    }

    pub(super) fn look_up(&mut self, person: &Person, purpose: Purpose) {
        let Some(session) = self.session.as_ref().map(|session| session.id) else { return };
        self.find(Query::CasesOf { number: person.number.clone() }, session);
        self.go(Page::Finding(purpose));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only these look for cases")]
    pub(super) fn on_found(&mut self, id: EffectId, cases: Vec<FoundCase>, now: Now) {
        let session = match self.settle(id) {
            Pending::Find { session } => session,
            Pending::Slip(slip) => return self.on_slip_found(id, slip, &cases, now),
            _ => return,
        };
        let current = self.session.as_ref().map(|session| session.id);
        let Page::Finding(purpose) = self.page else { return };
        if current != Some(session) {
            return;
        }
        self.prints.found(&cases);
        if purpose == Purpose::Collect {
            return self.on_found_to_collect(cases);
        }
        let cases: Vec<FoundCase> = cases.into_iter().filter(|found| found.is_party).collect();
        if cases.len() == 1 {
            self.go(Page::Detail { cases, at: 0 });
        } else {
            self.go(Page::Cases(cases));
        }
    }
}

fn person(card: &IdCard, reader: Option<String>, now: Now) -> Person {
    let address = card.new_addresses.last().unwrap_or(&card.address);
    Person {
        name: card.name.clone(),
        number: card.number.clone(),
        birth: card.birth.clone(),
        address: Private::new(address.expose().clone()),
        sex: sex_word(card.sex),
        verified_at: now.wall,
        reader,
    }
}

pub(super) const fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "男",
        Sex::Female => "女",
        Sex::Unknown | Sex::NotStated => "未说明",
    }
}
