//! The script of the first night walks through the page model alone, without a window: every
//! label is there and every word it expects is on the page it expects it on.

#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a helper that fails ends its test"
)]

use std::path::Path;

use device_sim::smart_card::Chip as _;
use kiosk_words::OrderId;
use nightdesk_e2e::{
    catalogue,
    clock::Clock,
    house::{Places, STATION_PHONE},
    page::{News, Page, Place},
    picture::save,
    script::{Act, DEVICES_FAIL, DISK_FULL, FIRST_NIGHT, Script},
    shadow::{Fitting, Shadow, config_of_the_house},
};
use testkit::staff_cards::{Order, trust};

fn page(fitting: Fitting) -> Page {
    let places = Places::beside_me().unwrap();
    let matters = catalogue::load(&places.catalog).unwrap();
    let config = config_of_the_house(STATION_PHONE, fitting).unwrap();
    Page::new(Shadow::new(config, matters, &Clock::start()).unwrap()).unwrap()
}

/// No hall has made cards here: those of the testkit have the PINs that the scripts type.
fn make_staff_cards(page: &mut Page, drawer: &Path) {
    for staff in ["1001", "2001"] {
        let memory = Order::of(staff).make().memory().unwrap();
        std::fs::write(drawer.join(format!("staff_{staff}")), memory).unwrap();
    }
    drawer.clone_into(&mut page.drawer);
    page.shadow.trusts(trust()).unwrap();
}

fn tap(page: &mut Page, label: &str) -> anyhow::Result<()> {
    for _ in 0..Page::scrolls_max() {
        match page.place_of(label)? {
            Place::Here(point) => return page.tap(point),
            Place::Below(more) => page.tap(more)?,
        }
    }
    anyhow::bail!("{label} does not come into sight")
}

fn keys(page: &mut Page, keys: &str) -> anyhow::Result<()> {
    keys.chars().try_for_each(|key| tap(page, &key.to_string()))
}

/// Nobody is out there: dates and numbers of orders are made up, and the paper is the page model's.
#[expect(clippy::wildcard_enum_match_arm, reason = "of all other acts nobody brings news")]
fn act(page: &mut Page, act: &Act, n_orders: &mut u64) -> anyhow::Result<()> {
    let news = match act {
        Act::Wake => return page.tap((540, 900)),
        Act::Tap(label) => return tap(page, label),
        Act::Keys(text) => return keys(page, text),
        Act::KeysCode(whose) => {
            let (case, _) = page.case_of(whose)?;
            let code = page.shadow.code(case)?.to_owned();
            return keys(page, &code);
        }
        Act::Sign => return page.signature()?.iter().try_for_each(|stroke| page.drag(stroke)),
        Act::ClerkAccepts { .. } | Act::ClerkGrants(_) => News::On("2026-03-05".into()),
        Act::ClerkOrders(_) => {
            *n_orders += 1;
            News::Order(OrderId(*n_orders))
        }
        Act::TakeSlip(_) => News::Paper(page.shadow.last_paper()),
        _ => News::Nothing,
    };
    page.hear(act, news)
}

/// Plays the script; says at which step it failed, if it did. Pictures go to `out` if given.
fn play(script: &Script, fitting: Fitting, out: Option<&Path>) -> Result<(), String> {
    let (mut page, drawer) = (page(fitting), tempfile::tempdir().unwrap());
    make_staff_cards(&mut page, drawer.path());
    let mut n_orders = 0;
    for (number, step) in script.steps.iter().enumerate() {
        for one in &step.acts {
            act(&mut page, one, &mut n_orders)
                .and_then(|()| page.refresh())
                .map_err(|why| format!("{}: {one:?}: {why:#}", step.name))?;
        }
        let words = page.words();
        if let Some(missing) = step.sees.iter().find(|word| !words.contains(word.as_str())) {
            return Err(format!("{}: {missing:?} is not on the page: {words}", step.name));
        }
        if let Some(out) = out {
            let expected = page.expected().unwrap();
            let file = format!("{:02}-{}.png", number + 1, step.name);
            save(&expected.picture, &out.join(file)).unwrap();
        }
    }
    Ok(())
}

#[test]
fn every_label_and_every_word_of_the_first_night_is_there() {
    let script = Script::read(FIRST_NIGHT).unwrap();
    let out = std::env::var_os("NIGHTDESK_PAGES").map(std::path::PathBuf::from);
    play(&script, Fitting::WithLocker, out.as_deref()).unwrap();
}

#[test]
fn every_label_and_every_word_of_failing_devices_is_there() {
    play(&Script::read(DEVICES_FAIL).unwrap(), Fitting::WithLocker, None).unwrap();
}

#[test]
fn every_label_and_every_word_of_a_full_disk_is_there() {
    play(&Script::read(DISK_FULL).unwrap(), Fitting::Plain, None).unwrap();
}

#[test]
fn a_changed_label_fails_at_its_own_step() {
    let mut script = Script::read(FIRST_NIGHT).unwrap();
    script.break_label("没有错，去签名").unwrap();
    let why = play(&script, Fitting::WithLocker, None).unwrap_err();
    assert!(why.starts_with("sign: Tap(\"没有错，去签名（不是这个）\")"), "{why}");
}
