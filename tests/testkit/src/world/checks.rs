//! The invariants over a whole world: after every step, and when it has come to rest.

use kiosk_core::{effect::Request, session::TIMINGS, view::TimeoutClass};

use super::{Due, World};
use crate::{
    glass,
    invariants::{
        Verdict, acked_is_durable, clock_never_extends, clone_safe, complete_means_all_digests,
        deposited_paper_accounted, door_content_bijection, hall_holds_exactly_once, liveness,
        no_duplicate_originals, one_authorisation_one_opening, per_case_order,
        receipted_case_survives, session_end_leaves_no_pii,
    },
    printer::Print,
    store::ModelStore,
    witness::Witness,
};

impl World {
    /// Ends the test with what was on the glass and what happened last.
    pub fn fail(&self, why: &str) -> ! {
        let labels: Vec<String> =
            glass::targets(self.view()).into_iter().map(|target| target.label).collect();
        panic!(
            "{why}\nseed {:#x}, {} ms\non the glass: {}\nlabels: {labels:?}\n{}",
            self.seed,
            self.clock.now_ms(),
            glass::page(self.view()),
            self.witness.story()
        );
    }

    pub(crate) fn hold(&self, name: &str, verdict: Verdict) {
        if let Err(broken) = verdict {
            self.fail(&format!("{name}: {broken}"));
        }
    }

    pub(super) fn check(&mut self) {
        let class = self.view().timeout;
        let waits = |class| matches!(class, TimeoutClass::Never | TimeoutClass::Held);
        if waits(self.class_before) && !waits(class) {
            self.witness.patience_since_ms = self.clock.now_ms();
        }
        self.class_before = class;
        let marks = self.marks();
        if self.checked != Some(marks) {
            self.check_store_and_hall();
            self.check_cabinet();
            self.checked = Some(marks);
        }
        self.check_session();
    }

    /// What the invariants over store, hall and cabinet look at only ever grows or is written:
    /// where nothing was added, the verdict is the same.
    fn marks(&self) -> [u64; 6] {
        let Witness { authorised, asked, pulsed, receipts_shown, .. } = &self.witness;
        let added = [authorised.len(), asked.len(), pulsed.len(), receipts_shown.len()];
        let [authorised, asked, pulsed, receipts] = added.map(|n| n as u64);
        [self.store.n_changes(), self.hall.n_changes(), authorised, asked, pulsed, receipts]
    }

    fn check_cabinet(&self) {
        let cells = &self.store.custody().cells;
        self.hold("door_content_bijection", door_content_bijection::check(cells));
        let Witness { authorised, asked, pulsed, .. } = &self.witness;
        let verdict = one_authorisation_one_opening::check(authorised, asked, pulsed);
        self.hold("one_authorisation_one_opening", verdict);
        let lines = self.store.cases().map(|case| (case.filed.case, &case.state));
        let verdict = deposited_paper_accounted::check(lines, cells, self.store.moved());
        self.hold("deposited_paper_accounted", verdict);
    }

    fn check_store_and_hall(&self) {
        let stored = self.store.cases().map(|case| case.filed.receipt.digits()).collect();
        self.hold(
            "receipted_case_survives",
            receipted_case_survives::check(&self.witness.receipts_shown, &stored),
        );
        let accepted: Vec<_> =
            self.hall.accepted().iter().map(|(case, receipt, _)| (*case, *receipt)).collect();
        let every = self.former.iter().chain([&self.store]);
        let filed = every.clone().flat_map(ModelStore::cases).map(|case| case.filed.case).collect();
        self.hold("hall_holds_exactly_once", hall_holds_exactly_once::check(&accepted, &filed));
        let at_hall = self.hall.seqs(self.config.station, self.config.epoch);
        self.hold(
            "acked_is_durable",
            acked_is_durable::check(self.store.settled().keys(), &at_hall),
        );
        let received = every.flat_map(ModelStore::received);
        self.hold("clone_safe", clone_safe::check(received, &self.hall.known()));
        let verdict = no_duplicate_originals::check(self.store.slips());
        self.hold("no_duplicate_originals", verdict);
        let arrived: Vec<_> =
            self.hall.accepted().iter().map(|(case, _, seq)| (*case, *seq)).collect();
        self.hold("per_case_order", per_case_order::check_arrivals(&arrived));
        for case in self.store.cases() {
            if case.state.electronic == kiosk_words::Electronic::AtHall {
                let receipt = case.filed.receipt.digits();
                let pages = case.filed.scans.iter().map(|scan| scan.scan.digest).collect();
                let known = self.hall.case(case.filed.case).filter(|known| !known.held);
                let verdict = complete_means_all_digests::check(
                    &receipt,
                    &pages,
                    known.map(|known| &known.arrived),
                );
                self.hold("complete_means_all_digests", verdict);
            }
        }
    }

    fn check_session(&mut self) {
        if self.sleeps() {
            self.check_rest();
        }
        let view = self.view();
        if self.exit.is_none() {
            let idle = clock_never_extends::Idle {
                class: view.timeout,
                elder: view.look.elder,
                // Who listens and who only left a plug behind is the core's to know.
                listens: self.config.has_keypad,
                idle_ms: self.clock.now_ms() - self.witness.patience_since_ms,
            };
            self.hold("clock_never_extends", clock_never_extends::check_session(idle));
        }
    }

    fn check_rest(&mut self) {
        let view = self.view();
        // The same glass, and nobody new whose words could be on it.
        let looked = (self.life, view.revision, self.witness.canaries.words().len());
        let glass = if self.looked == Some(looked) { String::new() } else { format!("{view:?}") };
        let rest = session_end_leaves_no_pii::AtRest {
            core_holds: self.station.holds_personal_data(),
            glass: &glass,
            vault_is_empty: self.vault.is_empty() || self.wipe_is_on_the_way(),
            reads_cards: self.reader.wants_card(),
        };
        let verdict = session_end_leaves_no_pii::check(rest, &self.witness.canaries);
        self.hold("session_end_leaves_no_pii", verdict);
        self.looked = Some(looked);
    }

    fn wipe_is_on_the_way(&self) -> bool {
        self.queue.values().any(|(life, due)| {
            *life == self.life && matches!(due, Due::Page { request: Request::Wipe, .. })
        })
    }

    /// Turns every fault off, takes every hand away and expects the station to come to rest.
    pub fn comes_to_rest(&mut self) {
        self.goes_on();
        if self.exit.is_some() {
            self.crashes_and_restarts();
        }
        self.hall().comes_back();
        self.disk().has_room_again();
        self.disk().is_mended();
        self.camera().is_mended();
        self.reader().is_mended();
        self.locker().is_mended();
        self.room().is_mended();
        if self.config.has_printer {
            self.paper().will(Print::Works);
        }
        self.citizen().takes_everything_along();
        self.clock().is_right();
        if self.view().timeout == TimeoutClass::Never && !self.sleeps() {
            // Care mode ends by itself, in its own time.
            self.passes(TIMINGS.care_ms);
        }
        if self.view().look.elder {
            // Elder mode waits twice as long before anything else.
            self.passes(TIMINGS.long_ms);
        }
        self.passes(liveness::WITHIN_MS);
        let settled = liveness::Settled {
            n_unsettled: self.store.n_unsettled(),
            n_scans_waiting: self.store.n_scans_waiting(),
            open_door: self.cabinet.open_door(),
            sleeps: self.sleeps(),
        };
        self.hold("liveness", liveness::check(settled));
    }
}
