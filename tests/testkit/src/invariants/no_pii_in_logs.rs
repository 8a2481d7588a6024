//! The Debug text of whatever may be logged names nobody.

use super::Verdict;

/// `line` is the Debug text of an event or an effect.
pub fn check(line: &str, canaries: &[String]) -> Verdict {
    match canaries.iter().position(|canary| line.contains(canary.as_str())) {
        Some(n) => {
            let kind: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
            Err(format!("canary {n} is in the text of a {kind}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_line_is_found_and_not_repeated() {
        let canaries = ["230202199001010012".to_owned()];
        assert_eq!(check("Intent { .. }", &canaries), Ok(()));
        let broken = check("Found { number: 230202199001010012 }", &canaries).unwrap_err();
        assert!(broken.contains("Found") && !broken.contains("230202"), "{broken}");
    }
}
