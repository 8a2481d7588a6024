//! What the room means for the station: alarms before everything, the lobby's light, the mains.
//!
//! ```text
//!  button pressed ─▶ guard and siren asked in the same step, before anything is written
//!                 ─▶ the session ends, and every page is covered by the alarm's
//!  covered ── 工作人员 ─▶ card ─▶ PIN ─┬─ guard, manager, supervisor ─▶ Page::Alarm ─ reset ─▶ calm
//!     ▲                               └─ technician, courier ─▶ Devices (to mend the board)
//!     └── whatever else they open, or when they leave
//! ```
//! **The session ends at once (R4).** Whoever presses the button has gone, is in danger, or lets
//! helpers come to the screen: in none of these is it theirs alone any more. What was not filed is
//! wiped, a page with a name is not kept under the alarm to come back later. Only a case that is
//! being written is waited for, covered, until the store has answered: it is then there to be found
//! under its owner's card, slip or not.
//!
//! **Doors.** None is asked to open in an alarm: an authorisation on its way to the disk is
//! abandoned with its session, and what stood open is in doubt and closed off when it shuts.
//! Nothing here waits for the network or the store.

use device_api::room::Status;
use kiosk_words::{Now, StaffRole};

use super::{Pending, Station, pages::Page};
use crate::{
    effect::Request,
    record::{AuditKind, Record, SessionEnd},
    room::News,
    session::Session,
    view::Intent,
};

/// The one thing that can be chosen on the page that covers all others.
pub(crate) const STAFF: &str = "staff";

impl Station {
    pub(super) fn on_room(&mut self, status: Status, now: Now) {
        let news = self.room.see(status, now.moment);
        self.take_news(&news, now);
    }

    /// Effects first, then the record: help does not wait for a disk.
    fn take_news(&mut self, news: &[News], now: Now) {
        self.switch_room(now);
        for one in news {
            let kind = match one {
                News::AlarmRaised => AuditKind::AlarmRaised,
                News::GuardReached => AuditKind::GuardReached,
                News::AlarmOver => AuditKind::AlarmOver,
                News::MainsLost => AuditKind::MainsLost,
                News::MainsBack => AuditKind::MainsBack,
            };
            let record = self.audit(kind, None, now);
            self.note(vec![record]);
        }
        if news.contains(&News::AlarmRaised) {
            self.alarm_look = self.session.as_ref().map(|session| session.look).unwrap_or_default();
            if !matches!(self.page, Page::Sealing) {
                self.end_session(SessionEnd::Alarm, now);
            }
            self.turn_over();
        }
        self.readiness.on_mains = self.room.on_mains();
    }

    /// Runs with every step: the light follows sessions, the siren its time.
    pub(super) fn keep_room(&mut self, now: Now) {
        if let Some(over) = self.room.expire(now.moment) {
            self.take_news(&[over], now);
        }
        if self.is_covered() && self.session.is_some() && !matches!(self.page, Page::Sealing) {
            self.end_session(SessionEnd::Alarm, now);
        }
        self.switch_room(now);
    }

    fn switch_room(&mut self, now: Now) {
        let is_busy = self.session.is_some();
        for (output, on) in self.room.to_switch(is_busy, now.moment) {
            self.ask(Request::SwitchRoom { output, on }, Pending::Room);
        }
    }

    /// The alarm's page stands before all others but those on which staff reach it, or mend things.
    pub(crate) fn is_covered(&self) -> bool {
        let is_for_staff = self.page.is_of_staff_card()
            || matches!(self.page, Page::Alarm)
            || (self.staff_role().is_some()
                && matches!(self.page, Page::Devices | Page::Part { .. } | Page::Wire { .. }));
        self.room.is_alarm() && !is_for_staff
    }

    /// `true` if the covering page took the intent; what lies under it gets none.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else can be done on this page")]
    pub(super) fn answer_covered(&mut self, intent: &Intent, now: Now) -> bool {
        if !self.is_covered() {
            return false;
        }
        match intent {
            Intent::Choose(id) if id == STAFF => self.staff_come_to_alarm(now),
            Intent::SetLanguage(language) => {
                self.alarm_look.language = *language;
                self.turn_over();
            }
            _ => {}
        }
        true
    }

    fn staff_come_to_alarm(&mut self, now: Now) {
        if self.session.is_some() || !self.config.has_chip_slot {
            return;
        }
        self.open_session(self.alarm_look, now);
        self.go(Page::StaffCard { trouble: None });
    }

    /// A session that nobody had before, with its records.
    pub(super) fn open_session(&mut self, look: crate::view::Look, now: Now) {
        self.n_sessions += 1;
        let id = self.n_sessions;
        self.session = Some(Session::new(id, look, now.moment));
        let opened = self.audit(AuditKind::SessionOpened, None, now);
        let time = Record::ServiceTime(self.service_time);
        self.note(vec![Record::SessionOpened { session: id, at: now.wall }, opened, time]);
    }

    /// Who may say that it is over: those who answer for the place, not those who mend or carry.
    pub(crate) fn may_reset_alarm(&self) -> bool {
        matches!(
            self.staff_role(),
            Some(StaffRole::Guard | StaffRole::Manager | StaffRole::Supervisor)
        )
    }

    /// 解除报警
    pub(super) fn reset_alarm(&mut self, now: Now) {
        if !self.may_reset_alarm() || self.staff_has_gone() {
            return;
        }
        if self.room.reset().is_ok() {
            self.switch_room(now);
            let record = self.audit(AuditKind::AlarmReset, None, now);
            self.note(vec![record]);
            self.go_to_staff_work();
        } else {
            self.turn_over();
        }
    }
}
