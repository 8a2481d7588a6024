//! The pages that are shown while there is no [`crate::Station`].
//!
//! One that cannot start: its store, its key or its settings are not as they must be, so that
//! nothing can be decided. Whoever stands before it still reads that it is out of order, what to do
//! instead and whom to call (R8). And one that staff switched off: everything is written.
//!
//! Why it does not start is for the technician, in the log; here it is a number for the phone call.

use kiosk_words::{ClockQuality, Now};

use crate::{
    screens::{fact, spoken},
    station::automatic_palette,
    view::{Connection, Fact, Language, Look, Revision, Stage, TimeoutClass, Tone, TopBar, View},
    words,
};

/// What is known of the station without its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub name: String,
    /// Whom to call.
    pub phone: String,
    pub has_cells: bool,
    pub why: Why,
    /// Exit code of the program.
    pub code: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The supervisor starts it again, and it may work then.
    TriesAgain,
    /// Nothing changes until a person has come.
    NeedsStaff,
}

/// In Chinese, with one line in English: nothing can be touched here, so no language is chosen.
pub fn view(sign: &Sign, now: Now) -> View {
    let language = Language::Chinese;
    let body = match sign.why {
        Why::TriesAgain => words::DEAD_BODY,
        Why::NeedsStaff => words::DOWN_BODY,
    };
    let stage = Stage::Message {
        tone: Tone::Bad,
        title: words::DEAD_TITLE.in_(language),
        body: body.in_(language),
        facts: facts(sign, language),
        code: words::DOWN_CODE.with(language, &[&sign.code.to_string()]),
    };
    let say = spoken(&[words::DEAD_TITLE, body], language);
    let clock = match now.quality {
        ClockQuality::Unknown => words::CLOCK_UNKNOWN.in_(language),
        ClockQuality::Held | ClockQuality::Synced => now.wall.civil().clock(),
    };
    page(top_bar(sign.name.clone(), clock), stage, say, now)
}

/// The store is closed: the power may be cut.
pub fn switched_off(name: String, now: Now) -> View {
    let language = Language::Chinese;
    let stage = Stage::Message {
        tone: Tone::Good,
        title: words::MAY_CUT_POWER.in_(language),
        body: words::MAY_CUT_POWER_BODY.in_(language),
        facts: vec![english(words::MAY_CUT_POWER, words::MAY_CUT_POWER_BODY)],
        code: String::new(),
    };
    let say = spoken(&[words::MAY_CUT_POWER, words::MAY_CUT_POWER_BODY], language);
    // Nothing moves a clock on this page any more.
    page(top_bar(name, String::new()), stage, say, now)
}

fn page(top: TopBar, stage: Stage, say: String, now: Now) -> View {
    View {
        revision: Revision::default(),
        look: Look { palette: automatic_palette(now), ..Look::default() },
        top,
        steps: None,
        banner: None,
        stage,
        left: None,
        right: None,
        sheet: None,
        say,
        ring: None,
        screenfuls: 0,
        timeout: TimeoutClass::Never,
    }
}

/// Nothing can be touched here, so both languages are shown.
fn english(title: words::Say, body: words::Say) -> Fact {
    let language = Language::English;
    let value = format!("{}. {}", title.in_(language), body.in_(language));
    Fact { label: words::DOWN_ENGLISH.in_(Language::Chinese), value }
}

fn facts(sign: &Sign, language: Language) -> Vec<Fact> {
    let row = |label: words::Say, value: words::Say| fact(label, value.in_(language), language);
    let mut facts = vec![
        fact(words::PHONE, sign.phone.clone(), language),
        row(words::INSTEAD, words::DOWN_INSTEAD),
    ];
    if sign.has_cells {
        facts.push(row(words::CABINET, words::DOWN_CABINET));
    }
    facts.push(english(words::DEAD_TITLE, words::DOWN_INSTEAD));
    facts
}

fn top_bar(title: String, clock: String) -> TopBar {
    let language = Language::Chinese;
    TopBar {
        title,
        clock,
        connection: Connection::Offline,
        connection_text: words::CLOSED.in_(language),
        remaining: None,
        buttons: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::{Moment, WallTime};

    use super::*;

    const NOON: Now =
        Now { moment: Moment(0), wall: WallTime(1_772_683_200_000), quality: ClockQuality::Held };

    fn sign(why: Why) -> Sign {
        let (name, phone) = ("龙沙站".to_owned(), "0452-0000000".to_owned());
        Sign { name, phone, has_cells: true, why, code: 2 }
    }

    #[test]
    fn it_says_what_to_do_and_whom_to_call_and_offers_nothing() {
        for why in [Why::TriesAgain, Why::NeedsStaff] {
            let shown = view(&sign(why), NOON);
            let words = format!("{:?}", shown.stage);
            for said in ["暂停服务", "怎么办", "文件柜", "0452-0000000", "out of service"]
            {
                assert!(words.contains(said), "{why:?}: {said} in {words}");
            }
            assert!(crate::focus::stops(&shown).is_empty());
            assert_eq!(shown.timeout, TimeoutClass::Never);
        }
    }

    #[test]
    fn a_station_that_was_switched_off_says_that_everything_is_written_and_offers_nothing() {
        let shown = switched_off("龙沙站".to_owned(), NOON);
        let words = format!("{:?}", shown.stage);
        for said in ["可以断电了", "都写好了", "The power may be cut"] {
            assert!(words.contains(said), "{said} in {words}");
        }
        assert!(crate::focus::stops(&shown).is_empty());
    }

    #[test]
    fn only_a_program_that_is_started_again_says_so() {
        let said = |why| format!("{:?}", view(&sign(why), NOON).stage).contains("正在重新启动");
        assert!(said(Why::TriesAgain) && !said(Why::NeedsStaff));
    }

    #[test]
    fn a_station_without_a_cabinet_does_not_speak_of_one() {
        let plain = Sign { has_cells: false, ..sign(Why::NeedsStaff) };
        assert!(!format!("{:?}", view(&plain, NOON).stage).contains("文件柜"));
    }
}
