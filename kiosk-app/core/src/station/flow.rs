//! What a touch does, page by page.

use kiosk_matters::{Delivery, NextQuestion};
#[cfg(feature = "planted")]
use kiosk_words::planted::{Bug, is_planted};
use kiosk_words::{CaseId, MatterId, Now, Originals, Private};

use super::{
    Pending, Station,
    pages::{CodeFor, Errand, Page, Purpose, Receipt, Refused, Sheet},
    service::{Export, Test},
};
use crate::{
    application::Application,
    custody::{Act, Phase},
    event::FoundCase,
    record::{ContactWay, DeliveryWay, SessionEnd},
    services::Verb,
    view::{Intent, Look, Palette, Revision},
};

/// The id of the answer 我不清楚.
pub(crate) const UNSURE: &str = "unsure";

impl Station {
    pub(super) fn on_intent(&mut self, revision: Revision, intent: Intent, now: Now) {
        if let Some(session) = &mut self.session {
            session.touch(now.moment);
        }
        let always = matches!(intent, Intent::Leave | Intent::Help);
        if revision.0 != self.turn && !always {
            return;
        }
        if self.answer_covered(&intent, now) {
            return;
        }
        if self.sheet.is_some() && self.answer_sheet(&intent, now) {
            return;
        }
        match intent {
            Intent::Wake => self.wake_up(now),
            Intent::Leave => self.leave(now),
            Intent::Help => self.open_help(),
            Intent::MoreTime | Intent::Yes | Intent::No => {}
            Intent::SetLanguage(language) => self.change_look(|look| look.language = language),
            Intent::SetElder(elder) => self.change_look(|look| look.elder = elder),
            Intent::SetLow(low) => self.change_look(|look| look.low = low),
            Intent::SetPalette(palette) => self.change_look(|look| look.palette = palette),
            Intent::Choose(id) => self.choose(&id, now),
            Intent::Next => self.next(now),
            Intent::Back => self.back(now),
            Intent::NoCard => self.no_card(),
            Intent::FieldFocused(field) => self.focus(&field),
            Intent::FieldEdited { field, text } => self.edit(&field, &text),
            Intent::Shoot => self.shoot(),
            Intent::ClearSignature => self.clear_signature(),
            Intent::Signed(strokes) => self.signed(strokes, now),
            Intent::Edit(step) => self.edit_step(&step),
        }
    }

    /// `true` if the sheet took the intent.
    fn answer_sheet(&mut self, intent: &Intent, now: Now) -> bool {
        let Some(sheet) = self.sheet.clone() else { return false };
        match (sheet, intent) {
            (Sheet::StillThere, Intent::No) | (Sheet::Leave, Intent::Yes) => {
                self.close_sheet();
                self.end_session(SessionEnd::Left, now);
            }
            (Sheet::OtherPerson(person), Intent::Yes) => {
                self.close_sheet();
                self.change_person(*person, now);
            }
            // The second tap of a double tap, or a late one: the question stays.
            (Sheet::Leave, Intent::Leave | Intent::Help) => {}
            // A late tap is no answer: whoever has begun is asked.
            (Sheet::StillThere, Intent::Leave) => {
                self.close_sheet();
                self.leave(now);
            }
            (Sheet::OtherPerson(_), Intent::Leave) => {
                self.keep_person(now);
                self.leave(now);
            }
            // Only a clear yes hands the application over.
            (Sheet::OtherPerson(_), _) => self.keep_person(now),
            (_, _) => self.close_sheet(),
        }
        true
    }

    pub(super) fn wake_up(&mut self, now: Now) {
        if !matches!(self.page, Page::Attract) {
            return;
        }
        self.open_session(Look::default(), now);
        self.go(Page::Home);
    }

    /// Leaves at once, unless something would be lost or a write is under way.
    fn leave(&mut self, now: Now) {
        let begun = self.application.as_ref().is_some_and(|a| !a.parties.is_empty());
        if matches!(
            self.page,
            Page::Sealing
                | Page::Door(_)
                | Page::StaffCode(CodeFor::Check(..), ..)
                | Page::StaffPin { asked: Some(_), .. }
        ) {
            // The receipt comes first, and so do a door and a card that was asked.
        } else if begun {
            self.open_sheet(Sheet::Leave);
        } else {
            self.end_session(SessionEnd::Left, now);
        }
    }

    fn open_help(&mut self) {
        let may_open = self.page.needs_session()
            && !matches!(
                self.page,
                Page::Help { .. }
                    | Page::Sealing
                    | Page::Hashing
                    | Page::Finding(_)
                    | Page::Door(_)
                    | Page::StaffPin { .. }
                    | Page::StaffCode(CodeFor::Check(..), ..)
                    | Page::Export(Export::Running(_))
            );
        if may_open {
            self.stop_reading();
            let mut back = self.page.clone();
            if let Page::Card { read, .. } = &mut back {
                *read = None;
            } else if let Page::Capture { pending, .. } = &mut back {
                // Its picture comes too late and is dropped; the shutter must work again.
                *pending = false;
            } else if let Page::Part { test, .. } = &mut back {
                test.take_if(|test| matches!(test, Test::Running(_)));
            } else if let Page::Wire { asked, .. } = &mut back {
                *asked = None;
            }
            self.go(Page::Help { back: Box::new(back) });
        }
    }

    fn change_look(&mut self, change: impl FnOnce(&mut Look)) {
        if let Some(session) = &mut self.session {
            change(&mut session.look);
            self.turn_over();
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "pages with one button of their own come next"
    )]
    fn choose(&mut self, id: &str, now: Now) {
        match self.page.clone() {
            Page::Home => self.choose_at_home(id, now),
            Page::Pick => self.choose_matter(id, now),
            Page::Question { .. } => self.answer(id),
            Page::Contact => self.choose_contact(id),
            Page::Delivery => self.choose_delivery(id),
            Page::Cases(cases) => {
                let found = cases.iter().position(|found| found.case.to_string() == id);
                if let Some(at) = found {
                    self.go(Page::Detail { cases, at });
                }
            }
            Page::Help { .. } => self.choose_help(id),
            Page::ToCollect(waiting) => self.choose_to_collect(&waiting, id),
            Page::Round => self.choose_on_round(id, now),
            Page::Devices => self.choose_device(id, now),
            Page::Reopens => self.close_for(id, now),
            page => self.choose_act(page, id, now),
        }
    }

    /// Buttons that belong to one page only.
    fn choose_act(&mut self, page: Page, id: &str, now: Now) {
        match (page, id) {
            (Page::Receipt(_) | Page::Envelope(_) | Page::DoorDone { .. }, "print") => {
                self.print_again(now);
            }
            (Page::Receipt(receipt), "paper") => self.go(Page::Paper(receipt)),
            (Page::Envelope(errand), "larger") => self.take_larger(errand, now),
            (Page::Door(_), "again") => self.open_again(now),
            (Page::Door(_), "full") => self.found_in_cell(false, now),
            (Page::StaffCode(..), "scan") => self.scan_code(),
            (Page::Detail { cases, at }, act) => self.choose_detail(&cases[at], act, now),
            _ => {}
        }
    }

    fn choose_detail(&mut self, found: &FoundCase, act: &str, now: Now) {
        let (errand, case) = (Errand::of(found), found.case);
        match act {
            "deposit" if self.may_deposit(found) => self.start_deposit(errand, now),
            "take_back" if self.may_take_back(found) => {
                self.ask_code(errand, Act::TakeBack { case });
            }
            _ => {}
        }
    }

    fn choose_at_home(&mut self, id: &str, now: Now) {
        if id == Verb::Apply.id() {
            if self.readiness.apply_blocked().is_none() {
                self.go(Page::Pick);
            }
        } else if id == Verb::Progress.id() {
            if self.readiness.progress_blocked().is_none() {
                self.ask_card(Purpose::Progress, now);
            }
        } else if id == Verb::Collect.id() {
            if self.collect_blocked().is_none() {
                self.ask_card(Purpose::Collect, now);
            }
        } else if self.readiness.apply_blocked().is_none() {
            self.choose_matter(id, now);
        }
    }

    fn choose_matter(&mut self, id: &str, now: Now) {
        let Some(matter) = self.catalogue.get(&MatterId(id.to_owned())).cloned() else { return };
        let unix_ms = u64::try_from(now.wall.0).unwrap_or_default();
        let case = CaseId::new(unix_ms, self.random.ten());
        if let Some(session) = self.session.as_mut().filter(|_| matter.elder) {
            session.look.elder = true;
        }
        self.application = Some(Application::new(case, matter));
        #[cfg(feature = "planted")]
        if is_planted(Bug::DraftShownToNext)
            && let (Some(draft), Some(next)) = (&self.draft, &mut self.application)
        {
            next.typed.clone_from(&draft.typed);
            next.mobile.clone_from(&draft.mobile);
        }
        self.next_question();
    }

    fn next_question(&mut self) {
        let Some(application) = &self.application else { return };
        let page = match application.matter.next_question(&application.answers) {
            NextQuestion::Ask(_) => Page::Question { noted: None },
            NextQuestion::Stop(stop) => Page::Refused(Refused::Situation(stop.clone())),
            NextQuestion::Ready => Page::Materials,
        };
        self.go(page);
    }

    fn answer(&mut self, id: &str) {
        if id == UNSURE {
            return self.go(Page::Unsure);
        }
        let Some(application) = &mut self.application else { return };
        let question = application.matter.next_question(&application.answers);
        let NextQuestion::Ask(situation) = question else { return };
        let Some(option) = situation.options.iter().find(|option| option.id == id) else { return };
        let has_note = option.note.is_some();
        let question = situation.id.clone();
        if has_note && !matches!(&self.page, Page::Question { noted: Some(noted) } if noted == id) {
            return self.go(Page::Question { noted: Some(id.to_owned()) });
        }
        application.answers.insert(question, id.to_owned());
        self.next_question();
    }

    fn choose_contact(&mut self, id: &str) {
        let way = match id {
            "own_mobile" => ContactWay::OwnMobile,
            "other_mobile" => ContactWay::OtherMobile,
            "post" => ContactWay::Post,
            "come_back" => ContactWay::ComeBack,
            _ => return,
        };
        let Some(application) = &mut self.application else { return };
        application.way = Some(way);
        let page = if application.needs_mobile() { Page::Mobile } else { Page::Delivery };
        self.go(page);
    }

    /// How the result may be had: a cell only where there is one (R13), and always some way (R8).
    pub(crate) fn delivery_ways(&self) -> Vec<DeliveryWay> {
        let offered = self.application.iter().flat_map(|open| &open.matter.delivery);
        let ways = offered.filter_map(|way| match way {
            Delivery::Locker => self.custody.has_cells().then_some(DeliveryWay::Locker),
            Delivery::Window => Some(DeliveryWay::Window),
            Delivery::Post => Some(DeliveryWay::Post),
        });
        let ways: Vec<DeliveryWay> = ways.collect();
        if ways.is_empty() { vec![DeliveryWay::Window] } else { ways }
    }

    fn choose_delivery(&mut self, id: &str) {
        let way = match id {
            "locker" => DeliveryWay::Locker,
            "window" => DeliveryWay::Window,
            "post" => DeliveryWay::Post,
            _ => return,
        };
        if !self.delivery_ways().contains(&way) {
            return;
        }
        let Some(application) = &mut self.application else { return };
        application.delivery = Some(way);
        self.capture_or_check();
    }

    fn choose_help(&mut self, id: &str) {
        match id {
            "staff" => self.open_staff_sign(),
            "low" => self.change_look(|look| look.low = !look.low),
            "elder" => self.change_look(|look| look.elder = !look.elder),
            "contrast" => self.change_look(|look| {
                look.palette = match look.palette {
                    Palette::HighContrast => Palette::Day,
                    Palette::Day | Palette::Night => Palette::HighContrast,
                };
            }),
            _ => {}
        }
    }

    fn next(&mut self, now: Now) {
        match self.page.clone() {
            Page::Question { noted: Some(noted) } => self.answer(&noted),
            Page::Materials => self.leave_materials(now),
            Page::Notice(purpose) => self.acknowledge(purpose, now),
            Page::Form { .. } => self.leave_form(),
            Page::Mobile => self.leave_mobile(),
            Page::Capture { taken, .. } => self.keep_capture(taken),
            Page::Check => self.prepare_page(now),
            Page::Receipt(receipt) => self.leave_receipt(&receipt, now),
            Page::Paper(receipt) => self.go(Page::Receipt(receipt)),
            Page::Envelope(errand) => self.open_deposit(errand, now),
            Page::Door(errand) => self.answer_door(errand, now),
            Page::DoorTrouble { errand, act, door, why } => {
                self.after_door_trouble(errand, act, door, why, now);
            }
            Page::DoorDone { .. } | Page::Denied { .. } => self.leave_errand(now),
            Page::Code { .. } => self.check_code(),
            Page::StaffPin { .. } => self.sign_staff_in(),
            Page::StaffCode(..) => self.use_typed_code(),
            Page::Part { part, test } if !matches!(test, Some(Test::Running(_))) => {
                self.test(part, now);
            }
            Page::Wire { part, .. } => self.look_closer(part, "wire"),
            Page::PowerOff => self.power_off(now),
            Page::Maintenance => self.staff_come(now),
            Page::Export(_) => self.go(Page::Devices),
            Page::Alarm => self.reset_alarm(now),
            Page::Devices if self.sees_round() => self.go(Page::Round),
            Page::Devices | Page::Round | Page::NothingToCollect => {
                self.end_session(SessionEnd::Finished, now)
            }
            Page::Detail { .. } | Page::Refused(_) | Page::NoCard(_) | Page::NotTaken(_) => {
                self.end_session(SessionEnd::Finished, now);
            }
            Page::Cases(cases) if cases.is_empty() => {
                self.end_session(SessionEnd::Finished, now);
            }
            Page::Attract
            | Page::Care
            | Page::Dead
            | Page::Home
            | Page::Pick
            | Page::Help { .. }
            | Page::Question { noted: None }
            | Page::Unsure
            | Page::Card { .. }
            | Page::StaffCard { .. }
            | Page::Contact
            | Page::Delivery
            | Page::Hashing
            | Page::Sign { .. }
            | Page::Sealing
            | Page::Finding(_)
            | Page::Part { .. }
            | Page::Reopens
            | Page::PoweredOff
            | Page::ToCollect(_)
            | Page::Cases(_) => {}
        }
    }

    fn back(&mut self, now: Now) {
        match self.page.clone() {
            Page::Help { back } => self.back_from_help(*back),
            Page::StaffCard { .. } if self.maintenance.is_some() => {
                self.end_session(SessionEnd::Left, now);
            }
            Page::Pick
            | Page::NoCard(Purpose::Progress | Purpose::Collect)
            | Page::Cases(_)
            | Page::StaffCard { .. }
            | Page::ToCollect(_)
            | Page::Code { .. } => self.go_home(),
            Page::Paper(receipt) => self.go(Page::Receipt(receipt)),
            // The card that waits for its PIN is given up by the next read.
            Page::StaffPin { asked: None, .. } => self.go(Page::StaffCard { trouble: None }),
            Page::StaffCode(CodeFor::Put, ..) => self.go(Page::Round),
            Page::Part { part, test } => self.leave_part(part, test.as_ref()),
            Page::Wire { part, .. } => self.go(Page::Part { part, test: None }),
            Page::Reopens | Page::PowerOff => self.go(Page::Devices),
            Page::StaffCode(CodeFor::Check(errand, _), ..) => self.go(Page::Door(errand)),
            Page::Envelope(_) => self.end_session(SessionEnd::Finished, now),
            Page::Question { .. } | Page::Unsure | Page::Refused(_) | Page::Materials => {
                self.back_one_answer();
            }
            Page::Notice(purpose) => self.back_from_card(purpose),
            Page::Card { purpose, .. } => {
                self.stop_reading();
                self.back_from_card(purpose);
            }
            Page::NoCard(_) => self.go(Page::Materials),
            Page::Form { .. } => self.ask_card(Purpose::Applicant, now),
            Page::Contact => self.go(Page::Form { focus: None }),
            Page::Mobile | Page::Delivery => self.go(Page::Contact),
            Page::Capture { .. } => {
                self.drop_taken();
                self.go(Page::Delivery);
            }
            Page::Check => self.go(Page::Delivery),
            Page::Sign { .. } => self.go(Page::Check),
            Page::Detail { cases, .. } => {
                if cases.len() > 1 {
                    self.go(Page::Cases(cases));
                } else {
                    self.go_home();
                }
            }
            Page::Attract
            | Page::Care
            | Page::Dead
            | Page::Home
            | Page::Hashing
            | Page::Sealing
            | Page::NotTaken(_)
            | Page::Receipt(_)
            | Page::Door(_)
            | Page::DoorTrouble { .. }
            | Page::DoorDone { .. }
            | Page::Denied { .. }
            | Page::NothingToCollect
            | Page::Round
            | Page::Devices
            | Page::Export(_)
            | Page::Maintenance
            | Page::PoweredOff
            | Page::Alarm
            | Page::StaffPin { asked: Some(_), .. }
            | Page::Finding(_) => {}
        }
    }

    fn back_from_help(&mut self, page: Page) {
        if let Page::Card { purpose, .. } = page {
            self.start_reading(purpose);
        } else {
            self.go(page);
        }
    }

    fn back_one_answer(&mut self) {
        let unanswered = matches!(self.page, Page::Unsure | Page::Question { noted: Some(_) });
        let Some(application) = &mut self.application else { return self.go_home() };
        if unanswered {
            return self.next_question();
        }
        let last = application.matter.situations.iter().rev();
        let last = last.map(|s| &s.id).find(|id| application.answers.contains_key(*id)).cloned();
        if let Some(last) = last {
            application.answers.remove(&last);
            self.next_question();
        } else {
            self.drop_application();
            self.go(Page::Pick);
        }
    }

    fn back_from_card(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Applicant | Purpose::Guardian => self.go(Page::Materials),
            Purpose::Progress | Purpose::Collect => self.go_home(),
        }
    }

    fn go_home(&mut self) {
        self.drop_application();
        self.go(Page::Home);
    }

    fn no_card(&mut self) {
        if let Page::Card { purpose, .. } = self.page {
            self.stop_reading();
            self.go(Page::NoCard(purpose));
        }
    }

    fn focus(&mut self, field: &str) {
        let Page::Form { focus } = &mut self.page else { return };
        if focus.as_deref() != Some(field) {
            *focus = Some(field.to_owned());
            self.turn_over();
        }
    }

    /// Edits keep the revision: the caret stays and quick typing is not dropped.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other field is the application's")]
    fn edit(&mut self, field: &str, text: &str) {
        match &mut self.page {
            Page::Code { typed, checking: None, .. } | Page::StaffCode(_, typed, None, _) => {
                *typed = Private::text(text);
            }
            Page::StaffPin { pin, asked: None, .. } => *pin = Private::text(text),
            _ => self.edit_application(field, text),
        }
    }

    fn edit_application(&mut self, field: &str, text: &str) {
        let Some(application) = &mut self.application else { return };
        if matches!(self.page, Page::Mobile) {
            application.mobile = Private::text(text);
            application.mobile_flagged = false;
        } else if matches!(self.page, Page::Form { .. }) {
            application.edit(field, text);
        }
    }

    /// A matter that needs originals keeps its cell before the form (R3).
    fn leave_materials(&mut self, now: Now) {
        let Some(application) = &self.application else { return };
        let (case, needed) = (application.case, application.cell_needed());
        if let Some(size) = needed.filter(|_| self.custody.has_cells())
            && self.custody.reserve(case, size).is_none()
        {
            let matter = self.application.as_ref().map(|open| open.matter.id.clone());
            let errand = Errand { matter, ..Errand::of_case(case) };
            let why = self.custody.why_no_cell(size);
            return self.go(Page::Denied { errand, why });
        }
        self.ask_card(Purpose::Applicant, now);
    }

    fn leave_receipt(&mut self, receipt: &Receipt, now: Now) {
        let state = self.open_cases.get(&receipt.filed.case);
        let waits = state.is_some_and(|state| state.originals == Originals::AwaitingCell);
        if waits && self.custody.reserved_for(receipt.filed.case).is_some() {
            self.start_deposit(Errand::of_filed(&receipt.filed), now);
        } else {
            self.end_session(SessionEnd::Finished, now);
        }
    }

    fn open_deposit(&mut self, errand: Errand, now: Now) {
        if let Some(case) = errand.case {
            self.open_for(errand, Act::Deposit { case }, None, now);
        }
    }

    /// The one primary answer once the door is shut again.
    fn answer_door(&mut self, errand: Errand, now: Now) {
        let act = self.custody.opening().filter(|o| o.phase == Phase::Asking).map(|o| o.act);
        match act {
            Some(Act::TakeOut { .. }) => self.check_slip(errand, None),
            Some(Act::Withdraw { order }) => self.check_slip(errand, Some(order)),
            Some(Act::Look) => self.found_in_cell(true, now),
            Some(_) => self.confirm_door(errand, now),
            None => {}
        }
    }

    fn leave_form(&mut self) {
        let Some(application) = &mut self.application else { return };
        match application.check_form() {
            Some(first) => self.go(Page::Form { focus: Some(first) }),
            None => self.go(Page::Contact),
        }
    }

    fn leave_mobile(&mut self) {
        let Some(application) = &mut self.application else { return };
        if application.mobile_fits() {
            self.go(Page::Delivery);
        } else {
            application.mobile_flagged = true;
            self.turn_over();
        }
    }

    /// 改 on the check page.
    fn edit_step(&mut self, step: &str) {
        if let Page::Part { part, .. } = self.page {
            return self.look_closer(part, step);
        }
        if !matches!(self.page, Page::Check) {
            return;
        }
        match step {
            "answers" => self.back_one_answer(),
            "form" => self.go(Page::Form { focus: None }),
            "contact" => self.go(Page::Contact),
            "papers" => self.recapture(),
            _ => {}
        }
    }

    fn clear_signature(&mut self) {
        if let Page::Sign { page, signed, .. } = self.page.clone() {
            self.go(Page::Sign { page, signed, asked_again: false });
        }
    }

    fn recapture(&mut self) {
        let Some(application) = &mut self.application else { return };
        let kept = std::mem::take(&mut application.captures);
        for capture in kept.into_values() {
            self.ask(crate::effect::Request::Discard { image: capture.image }, Pending::Tidy);
        }
        self.capture_or_check();
    }
}
