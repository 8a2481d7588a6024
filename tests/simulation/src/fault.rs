//! What fails at a station, by kind; the names are counted in the tally. Of the faults of the
//! design (section 7) those that exist at this station by now; what happens to bytes of SQLite and
//! of TLS is tested where they are.

use device_api::receipt_printer;
use device_sim::trouble::Trouble;
use testkit::{CommitOnCrash, Habit, Print, Random, World, cabinet};

/// A clock is wrong by at most so much.
const JUMP_MS_MAX: u64 = 86_400_000;
/// Of a hundred frames so many are spoiled.
const NOISE_PERCENT: u64 = 20;
/// So much of a slip hangs out.
const DIES_AFTER_MM: u32 = 30;
/// A planned end of the program comes within so many of its steps.
const STEPS_MAX: u64 = 12;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// As the tally prints it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

faults! {
    Killed = "killed",
    /// What it had handed to the disk arrives there.
    KilledAfterCommit = "killed after the commit",
    /// Some steps later, so that it falls into whatever goes on then.
    KilledSoon = "killed within some steps",
    PowerCut = "power cut",
    NewDisk = "new disk, new epoch",
    DiskFull = "disk full",
    DiskBreaks = "write error",
    HallDark = "hall unreachable",
    CaptivePortal = "captive portal",
    ReplyLost = "applied, reply lost",
    HallDies = "hall dies before its commit",
    HallHolds = "hall keeps an event aside",
    ClockJumps = "clock jumps",
    ClockUnknown = "clock unknown",
    ReaderUnplugged = "reader unplugged",
    ReaderSilent = "reader silent",
    ReaderBabbles = "reader babbles",
    ReaderGarbles = "answer garbled",
    CardLifted = "card lifted in the read",
    ReaderSick = "reader fails its self-test",
    CameraUnplugged = "camera unplugged",
    CameraBlind = "camera gives bad pictures",
    DoorJams = "door does not open",
    DoorGetsLost = "board silent while opening",
    WrongDoor = "another door opens",
    DoorForced = "door forced",
    DoorAjar = "door left open",
    BoardSilent = "lock board silent",
    CabinetSilent = "all lock boards silent",
    LockLineNoisy = "noise on the lock line",
    LocksUnplugged = "lock cable pulled",
    PaperOut = "paper out",
    CoverOpens = "cover opens in the print",
    PrinterUnplugged = "printer cable pulled",
    PrinterDies = "printer dies in the slip",
    PrinterOffOn = "printer off and on",
    WalksAway = "walks away",
    TapsTwice = "double tap",
    OtherCard = "somebody else's card",
}

impl Fault {
    /// Nothing to fail without a cabinet and a printer.
    pub const fn needs_locker(self) -> bool {
        matches!(
            self,
            Self::DoorJams
                | Self::DoorGetsLost
                | Self::WrongDoor
                | Self::DoorForced
                | Self::DoorAjar
                | Self::BoardSilent
                | Self::CabinetSilent
                | Self::LockLineNoisy
                | Self::LocksUnplugged
                | Self::PrinterUnplugged
                | Self::PrinterDies
                | Self::PrinterOffOn
                | Self::PaperOut
                | Self::CoverOpens
        )
    }

    /// A person does it, not a thing.
    pub const fn is_of_people(self) -> bool {
        matches!(self, Self::WalksAway | Self::TapsTwice | Self::OtherCard)
    }

    /// It happens. Faults of people are the visit's.
    pub fn happens(self, world: &mut World, random: &mut Random) {
        match self {
            Self::Killed => world.crashes_and_restarts(),
            Self::KilledAfterCommit => world.crashes_and_restarts_with(CommitOnCrash::Yes),
            Self::KilledSoon => {
                world.will_crash_after(random.below(STEPS_MAX), some_commit(random));
            }
            Self::PowerCut => world.power_fails(some_commit(random)),
            Self::NewDisk => world.gets_a_new_disk(),
            Self::DiskFull => world.disk().is_full(),
            Self::DiskBreaks => world.disk().breaks(),
            Self::HallDark => world.hall().goes_dark(),
            Self::CaptivePortal => world.hall().hides_behind_a_captive_portal(),
            Self::ReplyLost => world.hall().loses_replies(2),
            Self::HallDies => world.hall().dies_at_batches(2),
            Self::HallHolds => world.hall().holds_next(1),
            Self::ClockJumps => world.clock().jumps(jump_ms(random)),
            Self::ClockUnknown => world.clock().is_unknown(),
            Self::ReaderUnplugged => world.reader().is_unplugged(),
            Self::ReaderSilent => world.reader().falls_silent(),
            Self::ReaderBabbles => world.reader().babbles(),
            Self::ReaderGarbles => world.reader().will(Trouble::Garble, "read_base", 1),
            Self::CardLifted => world.reader().loses_the_card_mid_read(),
            Self::ReaderSick => world.reader().fails_its_self_test(),
            Self::CameraUnplugged => world.camera().is_unplugged(),
            Self::CameraBlind => world.camera().gives_bad_pictures(),
            Self::DoorJams => world.locker().will(some_door(random), Habit::Jams),
            Self::DoorGetsLost => world.locker().will(some_door(random), Habit::GetsLost),
            Self::WrongDoor => {
                let other = cabinet::door(some_door(random));
                world.locker().will(some_door(random), Habit::OpensInstead(other));
            }
            Self::DoorForced => world.locker().is_forced(some_door(random)),
            Self::DoorAjar => {
                if let Some(open) = world.cabinet.open_door() {
                    world.locker().stands_ajar(open);
                }
            }
            Self::BoardSilent => {
                let board = if random.chance(50) { 1 } else { 2 };
                world.locker().loses_board(board);
            }
            Self::CabinetSilent => world.locker().falls_silent(),
            Self::LockLineNoisy => world.locker().has_a_noisy_line(NOISE_PERCENT),
            Self::LocksUnplugged => world.locker().is_unplugged(),
            Self::PrinterUnplugged => world.paper().is_unplugged(),
            Self::PrinterDies => world.paper().dies_after(DIES_AFTER_MM),
            Self::PrinterOffOn => world.paper().is_switched_off_and_on(),
            Self::PaperOut => {
                world.paper().will(Print::Refuses(receipt_printer::Fault::PaperOut));
            }
            Self::CoverOpens => {
                world.paper().will(Print::StopsInTheMiddle(receipt_printer::Fault::CoverOpen));
            }
            Self::WalksAway | Self::TapsTwice | Self::OtherCard => {}
        }
    }
}

fn some_commit(random: &mut Random) -> CommitOnCrash {
    if random.chance(50) { CommitOnCrash::Yes } else { CommitOnCrash::No }
}

fn some_door(random: &mut Random) -> u16 {
    u16::try_from(1 + random.below(8)).unwrap_or(1)
}

fn jump_ms(random: &mut Random) -> i64 {
    let ms = i64::try_from(random.below(2 * JUMP_MS_MAX)).unwrap_or(0);
    ms - i64::try_from(JUMP_MS_MAX).unwrap_or(0)
}

/// Somebody has come and mended everything.
pub fn mend(world: &mut World, with_locker: bool) {
    world.hall().comes_back();
    world.disk().has_room_again();
    world.reader().is_mended();
    world.camera().is_mended();
    world.clock().is_right();
    if with_locker {
        world.locker().is_mended();
        world.paper().will(Print::Works);
    }
}
