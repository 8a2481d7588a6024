//! One night from its seed: visits until morning, clerks and faults in between, then peace.

use std::panic::{self, AssertUnwindSafe};

use kiosk_words::{Content, Handling, OrderId, Originals, Outcome, Release};
use testkit::{Random, World};

use crate::{
    again,
    fault::{Fault, mend},
    hands::some_receipt,
    real_store::RealStore,
    swarm::Swarm,
    tally::Tally,
    visit::Visitor,
};

/// From evening to morning.
const NIGHT_MS: u64 = 10 * 3_600_000;
/// A queue of people does not make a night longer than this.
const VISITS_MAX: u64 = 60;
/// A door that stands open is pushed shut, in a hundred acts.
const PUSHES_PERCENT: u64 = 60;
/// The hall does something, in a hundred acts.
const HALL_PERCENT: u64 = 15;
/// Until the screen belongs to the next.
const SETTLES_MS: u64 = 200_000;

/// A night in which something did not hold.
#[derive(Debug, Clone)]
pub struct Broken {
    pub disk: Disk,
    pub seed: u64,
    /// What, and what was on the glass, and what happened last.
    pub why: String,
}

impl Broken {
    /// The first line of what broke.
    pub fn headline(&self) -> &str {
        self.why.lines().next().unwrap_or("")
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\nagain: {}", self.why, again(self.disk, self.seed))
    }
}

/// What the station writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// The testkit's model of the store.
    Model,
    /// The model, and the real store beside it.
    Real,
}

/// Plays the night of this seed on the model of the store.
///
/// # Errors
/// What did not hold.
pub fn play(seed: u64) -> Result<Tally, Broken> {
    play_on(Disk::Model, seed, false)
}

/// Plays the night of this seed; `tells` writes its story while it happens.
///
/// # Errors
/// What did not hold.
pub fn play_on(disk: Disk, seed: u64, tells: bool) -> Result<Tally, Broken> {
    let whole = AssertUnwindSafe(|| Night::new(disk, seed, tells).play());
    panic::catch_unwind(whole).map_err(|why| {
        let text = why.downcast_ref::<String>().cloned();
        let text = text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Broken { disk, seed, why: text.unwrap_or_else(|| "a panic without words".to_owned()) }
    })
}

struct Night {
    swarm: Swarm,
    world: World,
    random: Random,
    tally: Tally,
    seed: u64,
}

impl Night {
    fn new(disk: Disk, seed: u64, tells: bool) -> Self {
        let swarm = Swarm::of(seed);
        let mut world = match (disk, swarm.with_locker) {
            (Disk::Model, true) => World::with_locker(seed),
            (Disk::Model, false) => World::ready(seed),
            (Disk::Real, with_locker) => {
                let store = RealStore::new(seed).expect("a throw-away folder holds a store");
                World::with_beside(seed, with_locker, Box::new(store))
            }
        };
        if tells {
            world.tells_its_story();
        }
        let random = Random::new(seed ^ 0x00c1_712e);
        Self { swarm, world, random, tally: Tally::default(), seed }
    }

    fn play(mut self) -> Tally {
        while self.tally.n_visits < VISITS_MAX && self.world.now_ms() < NIGHT_MS {
            self.visit();
            self.between();
        }
        self.world.comes_to_rest();
        self.tally.read(&self.world);
        self.tally
    }

    fn visit(&mut self) {
        self.tally.n_visits += 1;
        let n = self.tally.n_visits;
        let visitor = Visitor::of(&self.swarm, n, self.seed, &mut self.random);
        for act in visitor.way() {
            visitor.tries(&mut self.world, act);
            if !self.things_happen(&visitor) {
                return;
            }
        }
        for _ in 0..visitor.n_acts_after() {
            if !visitor.acts(&mut self.world, &mut self.random) || !self.things_happen(&visitor) {
                return;
            }
            self.world.passes(self.random.below(1_500));
        }
    }

    /// Faults, doors and the hall, once for each act; `false`: the person has gone.
    fn things_happen(&mut self, visitor: &Visitor) -> bool {
        self.pushes_doors();
        if self.random.chance(HALL_PERCENT) {
            self.hall_speaks();
        }
        let faults: Vec<Fault> = self.drawn();
        let mut stays = true;
        for fault in faults {
            self.tally.count(fault);
            if fault.is_of_people() {
                visitor.errs(fault, &mut self.world, &mut self.random);
            }
            fault.happens(&mut self.world, &mut self.random);
            stays &= fault != Fault::WalksAway;
        }
        self.starts_again();
        stays
    }

    fn drawn(&mut self) -> Vec<Fault> {
        let random = &mut self.random;
        let on = self.swarm.faults.iter();
        on.filter(|(_, rate)| random.below(1_000) < *rate).map(|(fault, _)| *fault).collect()
    }

    /// The supervisor starts a program that has ended; a planned end has come.
    fn starts_again(&mut self) {
        if self.world.is_over() {
            self.world.goes_on();
        }
        if self.world.exit().is_some() {
            self.world.crashes_and_restarts();
        }
    }

    fn pushes_doors(&mut self) {
        if let Some(door) = self.world.cabinet.open_door()
            && self.random.chance(PUSHES_PERCENT)
        {
            self.world.locker().is_pushed_shut(door);
        }
    }

    /// Papers and card are taken along, time passes, things are mended.
    fn between(&mut self) {
        self.world.citizen().walks_away();
        let with_locker = self.swarm.with_locker;
        if self.random.chance(self.swarm.mends_percent) {
            mend(&mut self.world, with_locker);
        }
        if !self.random.chance(self.swarm.impatient_percent) {
            self.world.passes(SETTLES_MS);
            let gap = self.random.below(self.swarm.gap_ms_max);
            self.world.passes(gap);
        }
        self.starts_again();
        self.hall_speaks();
    }

    // ---- the hall ----

    #[expect(clippy::wildcard_enum_match_arm, reason = "otherwise the hall has nothing to say")]
    fn hall_speaks(&mut self) {
        let Some(receipt) = some_receipt(&self.world, &mut self.random) else { return };
        let Some(case) = self.world.store.case_of_receipt(&receipt) else { return };
        if self.world.hall.case(case.filed.case).is_none() {
            return;
        }
        let owner = self.owner_of(&receipt);
        let case = self.world.store.case_of_receipt(&receipt).expect("it was there");
        let (handling, originals) = (case.state.handling.clone(), case.state.originals);
        if self.random.chance(self.swarm.fickle_percent) {
            return self.hall_changes_its_mind(&receipt);
        }
        match handling {
            Handling::AwaitingReview if self.random.chance(10) => {
                self.world.hall().clerk_returns(&receipt, "照片不清楚", "2026-03-20");
            }
            Handling::AwaitingReview => self.world.hall().clerk_accepts(&receipt, "A-1"),
            Handling::Accepted { .. } => {
                self.world.hall().clerk_decides(&receipt, Outcome::Granted);
            }
            _ if originals == Originals::TakenByHall => {
                self.sends(&receipt, Content::ReturnedOriginals, owner);
            }
            Handling::Decided { .. } => self.sends(&receipt, Content::Result, owner),
            _ => {}
        }
    }

    fn sends(&mut self, receipt: &str, what: Content, owner: Option<&'static str>) {
        let Some(owner) = owner else { return };
        if self.swarm.with_locker {
            self.world.hall().sends(receipt, what, Release::Ordinary, &[owner]);
        }
    }

    fn hall_changes_its_mind(&mut self, receipt: &str) {
        let id = OrderId(1 + self.random.below(8));
        match self.random.below(3) {
            0 => self.world.hall().freezes(receipt, true),
            1 => self.world.hall().freezes(receipt, false),
            _ => self.world.hall().recalls(receipt, id),
        }
    }

    /// The specimen whose card filed this case.
    fn owner_of(&self, receipt: &str) -> Option<&'static str> {
        let case = self.world.store.case_of_receipt(receipt)?;
        let owners: Vec<&str> = case.filed.owners().map(|o| o.expose().as_str()).collect();
        let names = device_sim::specimen::CARDS.iter().map(|listed| listed.specimen);
        let mut names =
            names.filter(|name| owners.contains(&testkit::people::number(name).as_str()));
        names.next()
    }
}
