//! Hands on everything that is not the person at the screen: hall, reader, camera, disk, clock.

use device_api::{camera::Fault, locker::DoorState};
use device_sim::{
    reader::{Act, ModuleHealth},
    trouble::{Planned, Trouble},
};
use kiosk_words::{CaseId, ClockQuality, Content, Handling, OrderId, Originals, Outcome, Release};

use crate::{
    cabinet::{self, Habit, Print},
    hall::Way,
    reader::Babble,
    world::{Due, World},
};

macro_rules! hand {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<'w> {
            world: &'w mut World,
        }

        impl<'w> $name<'w> {
            pub(crate) const fn new(world: &'w mut World) -> Self {
                Self { world }
            }
        }
    };
}

hand!(
    /// The hall, the way to it, and the clerks in it.
    HallHand
);
hand!(
    /// The id reader as a thing with a cable.
    ReaderHand
);
hand!(
    /// The document camera.
    CameraHand
);
hand!(
    /// The cabinet and who stands at it.
    LockerHand
);
hand!(
    /// The receipt printer.
    PrinterHand
);
hand!(
    /// The station's disk.
    DiskHand
);
hand!(
    /// The station's wall clock.
    ClockHand
);

impl HallHand<'_> {
    /// Nothing comes back any more.
    pub const fn goes_dark(&mut self) {
        self.world.hall.way = Way::Dark;
    }

    /// Everything is answered by somebody's log-in page.
    pub const fn hides_behind_a_captive_portal(&mut self) {
        self.world.hall.way = Way::CaptivePortal;
    }

    /// The way is open again, and no reply is lost any more.
    pub const fn comes_back(&mut self) {
        self.world.hall.way = Way::Open;
        self.world.hall.n_replies_to_lose = 0;
        self.world.hall.n_deaths = 0;
    }

    /// The hall commits, its next answers do not arrive.
    pub const fn loses_replies(&mut self, n: u32) {
        self.world.hall.n_replies_to_lose = n;
    }

    /// The hall's process ends at each of the next batches, before it has written anything.
    pub const fn dies_at_batches(&mut self, n: u32) {
        self.world.hall.n_deaths = n;
    }

    /// The next events are held for a person.
    pub const fn holds_next(&mut self, n: u32) {
        self.world.hall.n_to_hold = n;
    }

    /// A clerk accepts the case with this receipt and gives it a number.
    pub fn clerk_accepts(&mut self, receipt: &str, number: &str) {
        let on = "2026-03-05".to_owned();
        self.says(receipt, Handling::Accepted { number: number.to_owned(), on });
    }

    /// A clerk sends the case back for correction.
    pub fn clerk_returns(&mut self, receipt: &str, reason: &str, until: &str) {
        let reasons = vec![reason.to_owned()];
        self.says(receipt, Handling::NeedsCorrection { until: until.to_owned(), reasons });
    }

    pub fn clerk_decides(&mut self, receipt: &str, outcome: Outcome) {
        self.says(receipt, Handling::Decided { outcome, on: "2026-03-06".to_owned() });
    }

    /// Whatever the hall says of a case, legal or not.
    pub fn says(&mut self, receipt: &str, handling: Handling) {
        let case = self.case(receipt);
        self.world.hall.say_handling(case, handling);
        self.world.hall_has_news();
    }

    pub fn says_of_originals(&mut self, receipt: &str, originals: Originals) {
        let case = self.case(receipt);
        self.world.hall.say_originals(case, originals);
        self.world.hall_has_news();
    }

    /// A clerk sends an envelope to the station for these people.
    pub fn sends(
        &mut self,
        receipt: &str,
        content: Content,
        release: Release,
        people: &[&str],
    ) -> OrderId {
        let case = self.case(receipt);
        let numbers: Vec<String> = people.iter().map(|name| crate::people::number(name)).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let order = self.world.hall.asks_place(case, content, release, &numbers);
        self.world.hall_has_news();
        order
    }

    pub fn recalls(&mut self, receipt: &str, order: OrderId) {
        let case = self.case(receipt);
        self.world.hall.recalls(case, order);
        self.world.hall_has_news();
    }

    /// 领取冻结
    pub fn freezes(&mut self, receipt: &str, frozen: bool) {
        let case = self.case(receipt);
        self.world.hall.freezes(case, frozen);
        self.world.hall_has_news();
    }

    fn case(&self, receipt: &str) -> CaseId {
        let found = self.world.hall.case_of(receipt).map(|(case, _)| case);
        found.unwrap_or_else(|| panic!("the hall has no case with the receipt {receipt}"))
    }
}

impl ReaderHand<'_> {
    pub fn is_unplugged(&mut self) {
        let now = self.world.now_ms();
        let heard = self.world.reader.unplug(now);
        self.world.hear_reader(heard);
    }

    pub const fn is_plugged(&mut self) {
        self.world.reader.plug();
    }

    /// The next answers to this command are spoiled.
    pub fn will(&mut self, trouble: Trouble, on: &str, times: u32) {
        let planned = Planned::new(trouble).on(on).times(times);
        self.world.reader.touch(Act::Plan(planned));
    }

    /// The card is lifted in the middle of the next read of the chip.
    pub fn loses_the_card_mid_read(&mut self) {
        self.will(Trouble::LiftMidRead, "read_base", 1);
    }

    /// No answer to anything.
    pub fn falls_silent(&mut self) {
        let planned = Planned::new(Trouble::Mute).times(u32::MAX);
        self.world.reader.touch(Act::Plan(planned));
    }

    /// Noise instead of answers.
    pub const fn babbles(&mut self) {
        self.world.reader.babble(Babble::On);
    }

    pub fn fails_its_self_test(&mut self) {
        self.world.reader.set_module(ModuleHealth::SelfTestFailed);
    }

    pub fn loses_its_authorisation(&mut self) {
        self.world.reader.set_module(ModuleHealth::NotAuthorised);
    }

    /// Plugged in, healthy, nothing planned.
    pub fn is_mended(&mut self) {
        self.world.reader.touch(Act::ClearPlan);
        self.world.reader.set_module(ModuleHealth::Healthy);
        self.world.reader.babble(Babble::Off);
        self.world.reader.plug();
    }
}

impl CameraHand<'_> {
    pub const fn is_unplugged(&mut self) {
        self.world.lens.set_fault(Some(Fault::Missing));
    }

    pub const fn gives_bad_pictures(&mut self) {
        self.world.lens.set_fault(Some(Fault::BadPicture));
    }

    pub const fn is_mended(&mut self) {
        self.world.lens.set_fault(None);
    }
}

impl LockerHand<'_> {
    /// Somebody pushes the door shut.
    pub fn is_pushed_shut(&mut self, number: u16) {
        self.moves(number, DoorState::Shut);
    }

    pub fn is_forced(&mut self, number: u16) {
        self.moves(number, DoorState::Forced);
    }

    /// It has been open longer than it should.
    pub fn stands_ajar(&mut self, number: u16) {
        self.moves(number, DoorState::Ajar);
    }

    fn moves(&mut self, number: u16, to: DoorState) {
        let later = self.world.cabinet.moves(cabinet::door(number), to);
        self.world.comes_later(later);
        self.world.passes(5);
    }

    /// What this door does when it is next asked.
    pub fn will(&mut self, number: u16, habit: Habit) {
        self.world.cabinet.will(number, habit);
    }

    pub fn falls_silent(&mut self) {
        let later = self.world.cabinet.falls_silent();
        self.world.comes_later(later);
        self.world.passes(5);
    }

    /// One board dies; doors 1 to 4 are on board 1, the others on board 2.
    pub fn loses_board(&mut self, board: u8) {
        let later = self.world.cabinet.board_falls_silent(board);
        self.world.comes_later(later);
        self.world.passes(5);
    }

    /// Boards, locks and doors as they should be.
    pub fn is_mended(&mut self) {
        let later = self.world.cabinet.is_mended();
        self.world.comes_later(later);
        self.world.passes(5);
    }

    /// A slip lies under the document camera.
    pub fn slip_under_the_lens(&mut self, code: &str) {
        self.world.code_under_the_lens = Some(code.to_owned());
    }
}

impl PrinterHand<'_> {
    pub fn will(&mut self, next: Print) {
        self.world.printer.will(next);
        let status = self.world.printer.status();
        self.world.due_in(0, Due::Tell(status));
        self.world.passes(5);
    }
}

impl DiskHand<'_> {
    /// No room for anything new.
    pub fn is_full(&mut self) {
        self.world.store.disk.fill();
    }

    pub fn has_room_again(&mut self) {
        self.world.store.disk.empty();
        self.world.due_in(100, Due::LookForRoom);
    }

    /// The next write fails with an I/O error.
    pub const fn breaks(&mut self) {
        self.world.store.disk.break_down();
    }

    /// Writes work again; a program that saw one fail stays dead.
    pub const fn is_mended(&mut self) {
        self.world.store.disk.mend();
    }
}

impl ClockHand<'_> {
    /// The wall clock jumps; true time does not.
    pub const fn jumps(&mut self, ms: i64) {
        self.world.clock.jump(ms);
    }

    /// Nobody knows how late it is.
    pub const fn is_unknown(&mut self) {
        self.world.clock.set_quality(ClockQuality::Unknown);
    }

    pub const fn is_right(&mut self) {
        self.world.clock.set_quality(ClockQuality::Synced);
    }
}
