//! `kill -9` for real: sixty times in one night, at moments drawn from a seed.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;

use nightdesk_e2e::killed::{self, ListOfKills};
use testkit::Random;

use built::{out, places};

const N_KILLS: usize = 60;
/// Another night: `NIGHTDESK_KILLED_SEED=7 cargo test -p nightdesk-e2e --test killed`.
const SEED: &str = "NIGHTDESK_KILLED_SEED";
const USUAL_SEED: u64 = 20_260_305;

#[test]
fn what_a_receipt_was_shown_for_survives_sixty_kills() {
    let given = std::env::var_os(SEED).map(|seed| seed.into_string().unwrap());
    let seed = given.map_or(USUAL_SEED, |seed| seed.parse().unwrap());
    let repeat = format!("{SEED}={seed} cargo test -p nightdesk-e2e --test killed");
    let list = ListOfKills::draw(N_KILLS, &mut Random::new(seed));
    let out = out("killed");
    let night = killed::play(&places(), list, seed, &out);
    let outcome =
        night.unwrap_or_else(|why| panic!("{why:#}\n{repeat}\npictures: {}", out.display()));
    println!("{outcome:#?}");
    assert!(outcome.n_kills() >= N_KILLS, "{outcome:?}\n{repeat}");
    assert!(outcome.n_receipts > 0 && outcome.n_told > 0, "{outcome:?}\n{repeat}");
    assert!(outcome.n_told_of_case > 0 && outcome.n_doubted > 0, "{outcome:?}\n{repeat}");
}
