//! Hands on everything that is not the person at the screen: hall, reader, camera, disk, clock.

use device_api::{camera::Fault, keypad::Key, smart_card::Fault as SlotFault};
use device_sim::{
    keypad,
    lock_board::{self, BoardAct, DoorAct, Echo, On, Power, Reads, Uploads},
    printer,
    reader::{Act, ModuleHealth},
    room,
    smart_card::{self, Chip},
    specimen,
    trouble::{Planned, Trouble},
};
use kiosk_core::staff_card::StaffTrust;
use kiosk_words::{
    CaseId, ClockQuality, Content, Handling, Moment, OrderId, Originals, Outcome, Release,
};

use crate::{
    cabinet::BOARDS,
    hall::Way,
    locker::{AJAR_MS, Habit},
    people,
    printer::Print,
    staff_cards::{Order, number_of, trust},
    wire::Disturbance,
    world::{Due, World},
};

/// A hand needs so long to a door; the bolt is out again by then.
const HAND_MS: u64 = 500;
/// A door that does not latch springs back after so long.
const BOUNCE_MS: u64 = 150;
/// From a tap on a key to what it does, on a line with noise.
const KEY_MS: u64 = 400;
/// More stops than any page has.
const N_KEYS_MAX: usize = 120;

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
    /// The slot for chip cards, and the daemon behind it.
    SlotHand
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
    /// Hands in the room, and what befalls it.
    RoomHand
);
hand!(
    /// The keypad, its jack and who listens.
    KeypadHand
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

    /// Which staff cards are good from now on.
    pub fn says_of_staff(&mut self, trust: StaffTrust) {
        self.world.hall.says_of_staff(trust);
    }

    /// The good cards of these people are taken back.
    pub fn takes_back_cards_of(&mut self, staff: &[&str]) {
        let revoked = staff.iter().map(|staff| number_of(staff)).collect();
        self.world.hall.says_of_staff(StaffTrust { revoked, ..trust() });
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

impl SlotHand<'_> {
    /// Somebody of the staff pushes their card in; what they did to it before is not forgotten.
    pub fn gets_staff_card(&mut self, staff: &'static str) {
        let kept = self.world.drawer.remove(staff);
        let chip = kept.unwrap_or_else(|| Box::new(Order::of(staff).make()));
        self.gets_chip(staff, chip);
    }

    /// A card that is in no list.
    pub fn gets_chip(&mut self, name: &str, chip: Box<dyn Chip>) {
        let now = Moment(self.world.now_ms());
        let heard = self.world.slot.put_in(name, chip, now);
        self.world.hear_slot(heard);
    }

    /// A hand pushes a card in.
    pub fn gets(&mut self, specimen: &str) {
        let chip = smart_card::specimen::chip(specimen);
        let chip = chip.unwrap_or_else(|| panic!("no chip card {specimen:?}"));
        let holder = specimen.strip_prefix("social_").filter(|name| specimen::card(name).is_some());
        for word in holder.map(people::canaries).unwrap_or_default() {
            self.world.witness.add_canary(&word);
        }
        self.gets_chip(specimen, chip);
    }

    /// Nothing happens if nothing is in.
    pub fn gives_back(&mut self) {
        let Some(name) = self.world.slot.slot.look().card else { return };
        let chip = self.world.slot.slot.take_out();
        self.world.drawer.extend(chip.map(|chip| (name, chip)));
        let now = Moment(self.world.now_ms());
        let heard = self.world.slot.take_out(now);
        self.world.hear_slot(heard);
    }

    /// The next answer to this command is spoiled.
    pub fn will(&mut self, trouble: smart_card::Trouble, on: &str) {
        self.world.slot.slot.plan(smart_card::Planned::new(trouble).on(on));
    }

    pub fn loses_its_daemon(&mut self) {
        let now = Moment(self.world.now_ms());
        let heard = self.world.slot.daemon_down(SlotFault::NoService, now);
        self.world.hear_slot(heard);
    }

    pub fn is_ready(&mut self) {
        let now = Moment(self.world.now_ms());
        let heard = self.world.slot.daemon_up(now);
        self.world.hear_slot(heard);
    }
}

impl ReaderHand<'_> {
    pub fn is_unplugged(&mut self) {
        let now = self.world.now_ms();
        let heard = self.world.reader.unplug(now);
        self.world.hear_reader(heard);
    }

    pub fn is_plugged(&mut self) {
        let now = self.world.now_ms();
        self.world.reader.plug(now);
    }

    /// The next answers to this command are spoiled.
    pub fn will(&mut self, trouble: Trouble, on: &str, times: u32) {
        let planned = Planned::new(trouble).on(on).times(times);
        self.touch(Act::Plan(planned));
    }

    /// The card is lifted in the middle of the next read of the chip.
    pub fn loses_the_card_mid_read(&mut self) {
        self.will(Trouble::LiftMidRead, "read_base", 1);
    }

    /// No answer to anything.
    pub fn falls_silent(&mut self) {
        let planned = Planned::new(Trouble::Mute).times(u32::MAX);
        self.touch(Act::Plan(planned));
    }

    /// Noise instead of answers.
    pub fn babbles(&mut self) {
        let now = self.world.now_ms();
        self.world.reader.disturb(Disturbance::Babble, now);
    }

    /// Of a hundred frames on the line so many are spoiled, and stray bytes come between.
    pub fn has_a_noisy_line(&mut self, percent: u64) {
        let now = self.world.now_ms();
        self.world.reader.disturb(Disturbance::Noise { percent }, now);
    }

    pub fn fails_its_self_test(&mut self) {
        self.touch(Act::SetModule(ModuleHealth::SelfTestFailed));
    }

    /// Another module stands in its place; found out when it is plugged in.
    pub fn is_another_module(&mut self) {
        self.touch(Act::SetNumber(7));
    }

    pub fn loses_its_authorisation(&mut self) {
        self.touch(Act::SetModule(ModuleHealth::NotAuthorised));
    }

    /// Plugged in, healthy, nothing planned.
    pub fn is_mended(&mut self) {
        let now = self.world.now_ms();
        self.touch(Act::ClearPlan);
        self.touch(Act::SetModule(ModuleHealth::Healthy));
        self.world.reader.disturb(Disturbance::None, now);
        self.world.reader.plug(now);
    }

    fn touch(&mut self, act: Act) {
        let now = self.world.now_ms();
        self.world.reader.touch(act, now);
    }
}

impl RoomHand<'_> {
    /// The emergency button latches.
    pub fn is_pressed(&mut self) {
        self.touch(room::Act::PressButton);
    }

    /// Somebody turns it until it springs out.
    pub fn is_let_out(&mut self) {
        self.touch(room::Act::ReleaseButton);
    }

    /// Anything that a hand, or wear, does in the room.
    pub fn touch(&mut self, act: room::Act) {
        let now = self.world.now_ms();
        self.world.room.touch(act, now);
    }

    pub fn is_unplugged(&mut self) {
        let now = self.world.now_ms();
        let told = self.world.room.unplug(now);
        self.world.hear_device(told);
    }

    pub fn is_plugged(&mut self) {
        let now = self.world.now_ms();
        self.world.room.plug(now);
    }

    /// Board and room as they should be.
    pub fn is_mended(&mut self) {
        let relays_and_line = [room::Act::ClearPlan, room::Act::Stick(None)];
        let room = [room::Act::CutWire(false), room::Act::Mains(true), room::Act::OpenDoor(false)];
        relays_and_line.into_iter().chain(room).for_each(|act| self.touch(act));
        self.is_plugged();
    }
}

impl KeypadHand<'_> {
    /// A finger taps a key, and waits for what it does.
    pub fn presses(&mut self, key: Key) {
        self.touch(keypad::Act::Press(key));
        self.world.passes(KEY_MS);
    }

    pub fn plugs_earphones_in(&mut self) {
        self.touch(keypad::Act::PlugJack);
        self.world.until("the jack", |w| w.keypad.status().jack);
        self.world.passes(KEY_MS);
    }

    pub fn pulls_earphones_out(&mut self) {
        self.touch(keypad::Act::UnplugJack);
        self.world.passes(KEY_MS);
    }

    /// Goes down, key by key, until this is what is heard.
    pub fn finds(&mut self, label: &str) {
        for _ in 0..N_KEYS_MAX {
            if self.world.keypad.heard().last().is_some_and(|said| said.starts_with(label)) {
                return;
            }
            self.presses(Key::Down);
        }
        let heard: Vec<&str> = self.world.keypad.heard().rev().take(30).collect();
        self.world.fail(&format!("「{label}」 was not heard; last, newest first: {heard:?}"));
    }

    /// The same, and presses it.
    pub fn chooses(&mut self, label: &str) {
        self.finds(label);
        self.presses(Key::Select);
    }

    /// Anything that a finger, or wear, does to it.
    pub fn touch(&mut self, act: keypad::Act) {
        let now = self.world.now_ms();
        self.world.keypad.touch(act, now);
    }

    /// Noise on its line, in so many frames of a hundred.
    pub fn has_noise(&mut self, percent: u64) {
        let now = self.world.now_ms();
        self.world.keypad.disturb(Disturbance::Noise { percent }, now);
    }

    pub fn is_unplugged(&mut self) {
        let now = self.world.now_ms();
        let told = self.world.keypad.unplug(now);
        self.world.hear_device(told);
        self.world.passes(KEY_MS);
    }

    pub fn is_plugged(&mut self) {
        let now = self.world.now_ms();
        self.world.keypad.plug(now);
    }

    /// Plugged in, with keys that spring and a line without noise.
    pub fn is_mended(&mut self) {
        let now = self.world.now_ms();
        self.touch(keypad::Act::ClearPlan);
        for key in Key::ALL {
            self.touch(keypad::Act::Release(key));
        }
        self.world.keypad.disturb(Disturbance::None, now);
        self.is_plugged();
    }
}

impl CameraHand<'_> {
    pub fn is_unplugged(&mut self) {
        self.world.lens.set_fault(Some(Fault::Missing));
        self.world.look_at_the_camera();
    }

    pub const fn gives_bad_pictures(&mut self) {
        self.world.lens.set_fault(Some(Fault::BadPicture));
    }

    pub fn is_mended(&mut self) {
        self.world.lens.set_fault(None);
        self.world.look_at_the_camera();
    }
}

impl LockerHand<'_> {
    /// Somebody pushes the door shut, after the time a hand needs.
    pub fn is_pushed_shut(&mut self, number: u16) {
        self.world.passes(HAND_MS);
        self.hand(number, DoorAct::PushShut);
    }

    /// With a crowbar.
    pub fn is_forced(&mut self, number: u16) {
        self.hand(number, DoorAct::Force);
    }

    /// Nobody shuts it for longer than it should be open.
    pub fn stands_ajar(&mut self, number: u16) {
        let open = self.world.cabinet.look(self.world.now_ms()).doors;
        if open.iter().any(|door| door.door == number && door.is_open) {
            self.world.passes(AJAR_MS);
        }
    }

    /// It is pushed shut, does not latch and springs back.
    pub fn bounces(&mut self, number: u16) {
        self.is_pushed_shut(number);
        self.world.passes(BOUNCE_MS);
        self.hand(number, DoorAct::FallOpen);
    }

    /// Somebody leans on the door, so that it does not spring open.
    pub fn is_leant_on(&mut self, number: u16) {
        self.hand(number, DoorAct::Lean);
    }

    pub fn is_let_go(&mut self, number: u16) {
        self.hand(number, DoorAct::LetGo);
    }

    /// The switch on the hook says the same from now on, whatever the door does.
    pub fn has_a_stuck_switch(&mut self, number: u16, reads: Reads) {
        self.hand(number, DoorAct::StickSensor { reads });
    }

    /// Anything that a hand, or wear, does to a door.
    pub fn hand(&mut self, number: u16, act: DoorAct) {
        let now = self.world.now_ms();
        self.world.cabinet.hand(number, act, now);
        self.world.passes(5);
    }

    /// What this door does when it is next asked.
    pub fn will(&mut self, number: u16, habit: Habit) {
        let now = self.world.now_ms();
        self.world.cabinet.will(number, habit, now);
    }

    /// Every board loses its power; the driver notices after a few polls.
    pub fn falls_silent(&mut self) {
        BOARDS.into_iter().for_each(|board| self.loses_board(board));
    }

    /// One board loses its power; doors 1 to 4 are on board 1, the others on board 2.
    pub fn loses_board(&mut self, board: u8) {
        self.board(board, BoardAct::SetPower(Power::Off));
    }

    /// The next answers of a board to opens, polls or both are spoiled.
    pub fn board_will(
        &mut self,
        board: u8,
        trouble: lock_board::Trouble,
        on: Option<On>,
        times: u32,
    ) {
        self.board(board, BoardAct::Plan(lock_board::Planned { trouble, on, times }));
    }

    /// Boards say unasked that a door moved; such a saying can collide with a poll.
    pub fn reports_by_itself(&mut self, uploads: Uploads) {
        BOARDS.into_iter().for_each(|board| self.board(board, BoardAct::SetUploads(uploads)));
    }

    /// The adapter hands back what the station sends.
    pub fn echoes(&mut self, echo: Echo) {
        let now = self.world.now_ms();
        self.world.cabinet.touch(lock_board::Act::SetEcho(echo), now);
    }

    /// Of a hundred frames on the line so many are spoiled, and stray bytes come between.
    pub fn has_a_noisy_line(&mut self, percent: u64) {
        let now = self.world.now_ms();
        self.world.cabinet.disturb(Disturbance::Noise { percent }, now);
    }

    /// The cable of the locks is pulled.
    pub fn is_unplugged(&mut self) {
        let told = self.world.cabinet.unplug(self.world.clock.now_ms());
        self.world.hear_cabinet(told);
    }

    pub fn is_plugged(&mut self) {
        let now = self.world.now_ms();
        self.world.cabinet.plug(now);
    }

    /// Line, boards, locks and doors as they should be, and every door pushed shut.
    pub fn is_mended(&mut self) {
        self.world.passes(HAND_MS);
        let now = self.world.now_ms();
        self.world.cabinet.is_mended(now);
        self.world.passes(5);
    }

    /// A slip lies under the document camera.
    pub fn slip_under_the_lens(&mut self, code: &str) {
        self.world.code_under_the_lens = Some(code.to_owned());
    }

    fn board(&mut self, board: u8, act: BoardAct) {
        let now = self.world.now_ms();
        self.world.cabinet.board(board, act, now);
        self.world.passes(5);
    }
}

impl PrinterHand<'_> {
    /// What it does with the next slip; `Works` mends everything.
    pub fn will(&mut self, next: Print) {
        let told = self.world.printer.will(next, self.world.clock.now_ms());
        self.world.hear_printer(told);
        self.world.passes(5);
    }

    /// The cable is pulled; the printer goes on with what it has.
    pub fn is_unplugged(&mut self) {
        let told = self.world.printer.unplug(self.world.clock.now_ms());
        self.world.hear_printer(told);
    }

    pub fn is_plugged(&mut self) {
        let now = self.world.now_ms();
        self.world.printer.plug(now);
    }

    /// It is switched off and on: what it held is forgotten, and it takes a while.
    pub fn is_switched_off_and_on(&mut self) {
        self.touch(printer::Act::PowerCycle);
    }

    /// It dies when so much of the next slip hangs out, until it is switched off and on.
    pub fn dies_after(&mut self, after_mm: u32) {
        self.will_say(printer::trouble::Trouble::Die { after_mm }, 1);
    }

    /// It says this byte instead of its next statuses.
    pub fn lies(&mut self, byte: u8, times: u32) {
        let planned = printer::trouble::Planned::new(printer::trouble::Trouble::Say { byte });
        self.touch(printer::Act::Plan(planned.on("status").times(times)));
    }

    /// The next things it says are spoiled.
    pub fn will_say(&mut self, trouble: printer::trouble::Trouble, times: u32) {
        let planned = printer::trouble::Planned::new(trouble).times(times);
        self.touch(printer::Act::Plan(planned));
    }

    /// Anything that a hand, or wear, does to it.
    pub fn touch(&mut self, act: printer::Act) {
        let now = self.world.now_ms();
        self.world.printer.touch(act, now);
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
