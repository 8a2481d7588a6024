//! Whether anybody could hear the program that speaks: it is there, and so is a sound card. Such
//! programs end well without one, so the log says nothing.

use std::{env, fs, path::Path};

use crate::{config, report::Row};

const WHAT: &str = "speech";
/// Where the kernel lists sound cards, one with a name in brackets each.
const CARDS: &str = "/proc/asound/cards";

pub(super) fn row(config: Option<&config::Speech>) -> Option<Row> {
    let name = config?.program.0.first()?;
    if !is_there(name) {
        return Some(Row::bad(WHAT, format!("expected the program {name}, there is none")));
    }
    let cards = fs::read_to_string(CARDS).unwrap_or_default();
    Some(match first_card(&cards) {
        Some(card) => Row::good(WHAT, format!("{name} on {card}")),
        None => Row::bad(WHAT, format!("{name}: expected a sound card, there is none to hear")),
    })
}

fn is_there(name: &str) -> bool {
    if name.contains('/') {
        return Path::new(name).is_file();
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}

fn first_card(cards: &str) -> Option<&str> {
    let (_, name) = cards.lines().find_map(|line| line.split_once('['))?;
    name.split(']').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_named_as_the_kernel_names_it() {
        let cards =
            " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n      HDA Intel PCH at 0xf7\n";
        assert_eq!(first_card(cards), Some("PCH"));
        assert_eq!(first_card("--- no soundcards ---\n"), None);
        assert_eq!(first_card(""), None);
    }

    #[test]
    fn a_program_is_looked_for_as_a_shell_does() {
        assert!(is_there("sh") && is_there("/bin/sh"));
        assert!(!is_there("no-such-program") && !is_there("/bin/no-such-program"));
    }
}
