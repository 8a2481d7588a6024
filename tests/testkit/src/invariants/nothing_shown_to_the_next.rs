//! What one person brought or typed is on no screen of a later person, staff included.

use std::collections::BTreeSet;

use super::Verdict;

/// `glass` is the Debug text of a view; `foreign` are words of people who are not here.
pub fn check(glass: &str, foreign: &BTreeSet<String>) -> Verdict {
    match foreign.iter().position(|word| glass.contains(word.as_str())) {
        Some(n) => Err(format!("word {n} of an earlier person is on the screen of another")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_an_earlier_person_is_found_and_not_repeated() {
        let foreign = BTreeSet::from(["13800001234".to_owned()]);
        assert_eq!(check("Form { value: \"\" }", &foreign), Ok(()));
        let broken = check("Form { value: \"13800001234\" }", &foreign).unwrap_err();
        assert!(!broken.contains("1380000"), "{broken}");
    }
}
