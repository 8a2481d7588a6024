//! The Debug text of whatever may be logged names nobody.

use super::Verdict;
use crate::canary::Net;

/// `line` is the Debug text of an event or an effect.
pub fn check(line: &str, canaries: &Net) -> Verdict {
    match canaries.in_text(line) {
        Some(caught) => {
            let kind: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
            Err(format!("{caught} is in the text of a {kind}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_line_is_found_and_not_repeated() {
        let canaries = Net::of(["230202199001010012"]);
        assert_eq!(check("Intent { .. }", &canaries), Ok(()));
        let broken = check("Found { number: 230202199001010012 }", &canaries).unwrap_err();
        assert!(broken.contains("Found") && !broken.contains("230202"), "{broken}");
    }
}
