//! The list of kills, drawn from a seed before the night begins.

use std::collections::VecDeque;

use testkit::Random;

use crate::house::Process;

/// Longest time between a deed and a kill: a page is drawn, a case sealed, a slip printed, a door
/// opened, and an event brought to the hall in less.
const AFTER_MS_MAX: u64 = 1_500;
/// Kills of hall and twins in one visit before it goes on undisturbed.
const PER_VISIT: usize = 3;

/// One kill of the night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    pub victim: Process,
    /// Where in its visit, in thousandths of the weight of all deeds.
    pub place: u64,
    /// So long after the deed.
    pub after_ms: u64,
    /// A hall comes back at once; otherwise when the visit is over.
    pub comes_back: bool,
}

#[derive(Debug, Clone)]
pub struct ListOfKills(VecDeque<Kill>);

impl ListOfKills {
    pub fn draw(n: usize, random: &mut Random) -> Self {
        let kill = |random: &mut Random| Kill {
            victim: match random.below(100) {
                0..45 => Process::Station,
                45..70 => Process::Hall,
                _ => Process::Twins,
            },
            place: random.below(1_000),
            // Most things happen soon after a touch.
            after_ms: random.below(AFTER_MS_MAX + 1).min(random.below(AFTER_MS_MAX + 1)),
            comes_back: random.chance(50),
        };
        Self((0..n).map(|_| kill(random)).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Kills that the end of their visit came before.
    pub(super) fn take_back(&mut self, kills: impl Iterator<Item = Kill>) {
        for kill in kills {
            self.0.push_front(kill);
        }
    }

    /// Up to and with the next one that ends a visit.
    pub(super) fn of_next_visit(&mut self) -> Vec<Kill> {
        let mut kills = Vec::new();
        while let Some(kill) = self.0.pop_front() {
            kills.push(kill);
            if kill.victim == Process::Station || kills.len() == PER_VISIT {
                break;
            }
        }
        kills
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_list_and_no_kill_is_lost_between_visits() {
        let draw = |seed| ListOfKills::draw(60, &mut Random::new(seed));
        assert_eq!(draw(7).0, draw(7).0);
        assert_ne!(draw(7).0, draw(8).0);
        let (mut list, mut n) = (draw(7), 0);
        while !list.is_empty() {
            let kills = list.of_next_visit();
            let (_, before) = kills.split_last().unwrap();
            assert!(before.iter().all(|kill| kill.victim != Process::Station));
            n += kills.len();
        }
        assert_eq!(n, 60);
    }
}
