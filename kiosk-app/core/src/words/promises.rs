//! Every text that promises an act of a person or a system, with the condition under which it may
//! be shown (rule R13). A test finds promise marks in [`super::ALL`] and fails on one not listed.

/// Why a promise may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The program itself does it, always: the named test proves it.
    ByThisProgram { proof: &'static str },
    /// The matter's file states it on behalf of its office.
    StatedByMatter,
}

/// Name of the text in `words.rs` and its condition.
pub const PROMISES: &[(&str, Condition)] = &[
    ("NOTICE_LONG", Condition::ByThisProgram { proof: "erased_means_unreadable" }),
    ("STILL_THERE_BODY", Condition::ByThisProgram { proof: "walk_away_at_every_step" }),
    ("LEAVE_BODY", Condition::ByThisProgram { proof: "leaving_clears_the_session" }),
    ("OTHER_PERSON_BODY", Condition::ByThisProgram { proof: "a_second_card_asks_first" }),
    ("CARD_HINT", Condition::ByThisProgram { proof: "a_case_is_filed_from_the_first_touch" }),
    ("CARD_DEVICE", Condition::ByThisProgram { proof: "reader_unplugged_and_back" }),
    ("CARD_OR_CHIP_HINT", Condition::ByThisProgram { proof: "it_shows_its_holder_their_cases" }),
    (
        "CHIP_DEVICE",
        Condition::ByThisProgram {
            proof: "without_the_id_reader_the_slot_alone_will_do_and_the_other_way_round",
        },
    ),
    ("FOUND_CAMERA_FIX", Condition::ByThisProgram { proof: "the_camera_fails_in_words" }),
    ("RECEIPT_ANSWER_BY", Condition::StatedByMatter),
    ("RECEIPT_ANSWER_DAYS", Condition::StatedByMatter),
    ("DONE_STAFF", Condition::ByThisProgram { proof: "a_round_takes_and_puts" }),
    ("DELIVERY_HELP", Condition::StatedByMatter),
    (
        "ALARM_CALLED",
        Condition::ByThisProgram {
            proof: "help_is_claimed_while_the_guards_contact_is_read_back_as_on",
        },
    ),
    (
        "ALARM_CALLED_BODY",
        Condition::ByThisProgram {
            proof: "help_is_claimed_while_the_guards_contact_is_read_back_as_on",
        },
    ),
];

/// Words that mark a promise in a Chinese text.
pub const MARKS: [&str; 11] = [
    "已向保安",
    "报警已接通",
    "会自动",
    "会清除",
    "都会清除",
    "已记录",
    "销毁",
    "会与您联系",
    "短信",
    "个工作日内",
    "最迟",
];

#[cfg(test)]
mod tests {
    use super::{super::ALL, *};

    #[test]
    fn every_promise_has_its_condition() {
        for (name, say) in ALL {
            let promises = MARKS.iter().any(|mark| say.zh.contains(mark));
            let listed = PROMISES.iter().any(|(listed, _)| listed == name);
            assert!(!promises || listed, "{name} promises something: list its condition");
        }
        for (name, _) in PROMISES {
            assert!(ALL.iter().any(|(text, _)| text == name), "{name} is no text any more");
        }
    }
}
