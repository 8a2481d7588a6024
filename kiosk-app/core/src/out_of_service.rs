//! The one page of a station that cannot start: its store, its key or its settings are not as
//! they must be, so that nothing can be decided and there is no [`crate::Station`]. Whoever stands
//! before it still reads that it is out of order, what to do instead and whom to call (R8).
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
    View {
        revision: Revision::default(),
        look: Look { palette: automatic_palette(now), ..Look::default() },
        top: top_bar(sign, language, now),
        steps: None,
        banner: None,
        stage,
        left: None,
        right: None,
        sheet: None,
        say: spoken(&[words::DEAD_TITLE, body], language),
        focus: Vec::new(),
        timeout: TimeoutClass::Never,
    }
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
    facts.push(Fact {
        label: words::DOWN_ENGLISH.in_(language),
        value: format!(
            "{}. {}",
            words::DEAD_TITLE.in_(Language::English),
            words::DOWN_INSTEAD.in_(Language::English)
        ),
    });
    facts
}

fn top_bar(sign: &Sign, language: Language, now: Now) -> TopBar {
    let clock = match now.quality {
        ClockQuality::Unknown => words::CLOCK_UNKNOWN.in_(language),
        ClockQuality::Held | ClockQuality::Synced => now.wall.civil().clock(),
    };
    TopBar {
        title: sign.name.clone(),
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
            assert!(shown.focus.is_empty() && shown.left.is_none() && shown.right.is_none());
            assert_eq!(shown.timeout, TimeoutClass::Never);
        }
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
