//! One visit: the way that an errand takes, as far as it goes, and what the page leads to then.

use kiosk_core::view::Stage;
use scenarios::{Act, MINOR, RECORD, SENIOR, TOBACCO, up_to};
use testkit::{Random, World};

use crate::{
    fault::Fault,
    hands::{CARDS, Texts, anything, leads_on, wants_keys},
    swarm::{Errand, Swarm},
};

/// What a visit does after the way it knows.
const N_ACTS: u32 = 16;
/// Somebody without an errand stays longer.
const N_ACTS_OF_WANDERER: u32 = 60;
/// Goes away in the middle, in a hundred acts.
const LEAVES_PERCENT: u64 = 4;
/// Comes with a card of another kind than the way has in mind.
const OTHER_CARD_PERCENT: u64 = 15;

const COLLECT: [Act; 3] = [Act::Wakes, Act::Touches("取件"), Act::Touches("知道了，去刷身份证")];
const PROGRESS: [Act; 3] = [Act::Wakes, Act::Touches("查进度"), Act::Touches("知道了，去刷身份证")];
const STAFF: [Act; 3] = [Act::Wakes, Act::Touches("求助"), Act::Touches("工作人员")];

/// Somebody with an errand, a card and a phone.
#[derive(Debug)]
pub struct Visitor {
    pub errand: Errand,
    card: &'static str,
    texts: Texts,
    leads_on_percent: u64,
    hasty: bool,
}

impl Visitor {
    /// The `n`th of a night; `salt` keeps nights apart.
    pub fn of(swarm: &Swarm, n: u64, salt: u64, random: &mut Random) -> Self {
        let errand = *random.pick(&swarm.errands);
        let usual = match errand {
            Errand::Tobacco | Errand::Collect | Errand::Progress => "wang_wei",
            Errand::Record | Errand::Staff | Errand::Wander => "zhang_san",
            Errand::Senior => "li_xiulan",
            Errand::Minor => "minor",
        };
        let other = random.chance(OTHER_CARD_PERCENT);
        let card = if other { *random.pick(&CARDS) } else { usual };
        let (leads_on_percent, hasty) =
            (swarm.leads_on_percent, random.chance(swarm.hasty_percent));
        Self { errand, card, texts: Texts::of(n, salt), leads_on_percent, hasty }
    }

    /// The acts of the way that this errand takes.
    pub fn way(&self) -> Vec<Act> {
        let receipt = Act::Sees("本凭证不代表已受理");
        match self.errand {
            Errand::Tobacco => up_to(TOBACCO, receipt).to_vec(),
            Errand::Record => up_to(RECORD, receipt).to_vec(),
            Errand::Senior => up_to(SENIOR, receipt).to_vec(),
            Errand::Minor => up_to(MINOR, receipt).to_vec(),
            Errand::Collect => COLLECT.into_iter().chain([Act::Lays(self.card)]).collect(),
            Errand::Progress => PROGRESS.into_iter().chain([Act::Lays(self.card)]).collect(),
            Errand::Staff => STAFF.to_vec(),
            Errand::Wander => vec![Act::Wakes],
        }
    }

    pub const fn n_acts_after(&self) -> u32 {
        match self.errand {
            Errand::Wander => N_ACTS_OF_WANDERER,
            Errand::Tobacco
            | Errand::Record
            | Errand::Senior
            | Errand::Minor
            | Errand::Collect
            | Errand::Progress
            | Errand::Staff => N_ACTS,
        }
    }

    /// An act of the way, by a person who goes on whatever happens.
    pub fn tries(&self, world: &mut World, act: Act) {
        let types = wants_keys(world.view());
        let signs = matches!(world.view().stage, Stage::Sign { .. });
        let citizen = world.citizen();
        let citizen = match act {
            Act::Wakes => citizen.touches_if_there("轻触屏幕开始"),
            Act::Touches(label) => citizen.touches_if_there(label),
            Act::Lays(card) => {
                let card = if is_first_card(card) { self.card } else { card };
                citizen.lifts_card().waits_ms(1_500).lays_card(card).waits_ms(4_000)
            }
            Act::Lifts => citizen.lifts_card(),
            Act::Types("13800001234") if types => citizen.types(&self.texts.phone),
            Act::Types(_) if types => citizen.types(&self.texts.licence),
            Act::Photographs(paper) => {
                let citizen = citizen.lays_paper(paper).touches_if_there("拍照").waits_ms(1_500);
                citizen.touches_if_there("用这张")
            }
            Act::Signs if signs && self.hasty => {
                citizen.signs();
                return leaves_at_once(world);
            }
            Act::Signs if signs => citizen.signs(),
            Act::Types(_) | Act::Signs | Act::Sees(_) => citizen,
        };
        citizen.waits_ms(400);
    }

    /// What the page leads to, or anything; `false`: goes away.
    pub fn acts(&self, world: &mut World, random: &mut Random) -> bool {
        if random.chance(LEAVES_PERCENT) {
            return false;
        }
        if random.chance(self.leads_on_percent) {
            leads_on(world, random, &self.texts);
        } else {
            anything(world, random, &self.texts);
        }
        true
    }

    /// Something that only a person gets wrong.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other faults are not of people")]
    pub fn errs(&self, fault: Fault, world: &mut World, random: &mut Random) {
        match fault {
            Fault::TapsTwice => {
                let labels = crate::hands::enabled(world);
                if !labels.is_empty() {
                    let label = random.pick(&labels).clone();
                    world.citizen().double_taps(&label);
                }
            }
            Fault::OtherCard => {
                let card = *random.pick(&CARDS);
                world.citizen().lifts_card().waits_ms(1_500).lays_card(card);
            }
            _ => {}
        }
    }
}

/// Touches the way out as soon as it is there: no slip is written down by then.
fn leaves_at_once(world: &mut World) {
    const STEPS_MAX: u32 = 200;
    for _ in 0..STEPS_MAX {
        if matches!(world.view().stage, Stage::Receipt { .. }) {
            world.citizen().touches_if_there("看好了，离开");
            return;
        }
        world.step();
    }
}

/// A guardian's card stays the guardian's.
fn is_first_card(card: &str) -> bool {
    card != "wang_wei"
}
