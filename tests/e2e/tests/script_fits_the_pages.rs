//! The script of the first night walks through the page model alone, without a window: every
//! label is there and every word it expects is on the page it expects it on.

#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a helper that fails ends its test"
)]

use nightdesk_e2e::{
    catalogue,
    clock::Clock,
    house::{Places, STATION_PHONE},
    page::{Page, Place},
    picture::save,
    script::{Act, DISK_FULL, FIRST_NIGHT, Script},
    shadow::{Hall, Shadow, config_of_the_house},
    specimens,
};

fn page() -> Page {
    let places = Places::beside_me().unwrap();
    let matters = catalogue::load(&places.catalog).unwrap();
    let config = config_of_the_house(STATION_PHONE).unwrap();
    Page::new(Shadow::new(config, matters, &Clock::start()).unwrap()).unwrap()
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

fn act(page: &mut Page, act: &Act) -> anyhow::Result<()> {
    match act {
        Act::Wake => page.tap((540, 900)),
        Act::Tap(label) => tap(page, label),
        Act::Keys(keys) => keys.chars().try_for_each(|key| tap(page, &key.to_string())),
        Act::Sign => page.signature()?.iter().try_for_each(|stroke| page.drag(stroke)),
        Act::LayCard(card) => page.shadow.lay_card(specimens::card(card)?),
        Act::LiftCard => {
            page.shadow.lift_card();
            Ok(())
        }
        Act::LayPaper(paper) => {
            page.shadow.lay_paper(specimens::paper(paper)?);
            Ok(())
        }
        Act::TakePaper => {
            page.shadow.take_paper();
            Ok(())
        }
        Act::HallStops => page.shadow.set_hall(Hall::Down),
        Act::HallStarts => page.shadow.set_hall(Hall::Up),
        Act::StationDies => page.shadow.restart(),
        Act::DiskFills => {
            page.shadow.fill_disk();
            Ok(())
        }
        Act::DiskHasRoom => page.shadow.empty_disk(),
        Act::ClerkAccepts(number) => {
            let (case, _) = page.shadow.last_case().unwrap();
            page.shadow.accepted(case, number, "2026-03-05")
        }
    }
}

/// Plays the script; says at which step it failed, if it did. Pictures go to `out` if given.
fn play(script: &Script, out: Option<&std::path::Path>) -> Result<(), String> {
    let mut page = page();
    for (number, step) in script.steps.iter().enumerate() {
        for one in &step.acts {
            act(&mut page, one)
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
    play(&script, out.as_deref()).unwrap();
}

#[test]
fn every_label_and_every_word_of_a_full_disk_is_there() {
    play(&Script::read(DISK_FULL).unwrap(), None).unwrap();
}

#[test]
fn a_changed_label_fails_at_its_own_step() {
    let mut script = Script::read(FIRST_NIGHT).unwrap();
    script.break_label("没有错，去签名").unwrap();
    let why = play(&script, None).unwrap_err();
    assert!(why.starts_with("sign: Tap(\"没有错，去签名（不是这个）\")"), "{why}");
}
