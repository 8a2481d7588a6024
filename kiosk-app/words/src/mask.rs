//! Masks for the screen: what a person standing behind may see.
//!
//! A fixed pattern such as `张*三` gives away a two-character name, so the rule is: the given name
//! stays, the family name is hidden; longer names keep only what tells one neighbour from another.

/// Family names of two characters, so that 欧阳娜娜 is masked as one family name.
const DOUBLE_FAMILY_NAMES: [&str; 14] = [
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "皇甫",
];

/// A name with its family name hidden.
///
/// `张三` → `*三`, `欧阳娜娜` → `**娜娜`, `买买提·吐尔逊` → `***·吐尔逊`,
/// `MARIA SILVA` → `M**** S****`. A single character is hidden whole.
pub fn name(full: &str) -> String {
    let full = full.trim();
    if full.is_ascii() {
        return full.split_whitespace().map(latin_word).collect::<Vec<_>>().join(" ");
    }
    if let Some((family, given)) = full.split_once('·') {
        return format!("{}·{given}", "*".repeat(family.chars().count()));
    }
    let n_chars = full.chars().count();
    let is_double = n_chars > 2 && DOUBLE_FAMILY_NAMES.iter().any(|two| full.starts_with(two));
    let n_hidden = if is_double { 2 } else { 1 };
    std::iter::repeat_n('*', n_hidden).chain(full.chars().skip(n_hidden)).collect()
}

fn latin_word(word: &str) -> String {
    let mut chars = word.chars();
    // The length is fixed so that it says nothing about the word.
    chars.next().map_or_else(String::new, |first| format!("{first}****"))
}

/// An id number in groups 6-8-4 with the last four hidden: `230202 19580304 ****`.
/// Any other length shows its first three characters only.
pub fn id_number(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() == 18 {
        let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        return format!("{} {} ****", part(0, 6), part(6, 14));
    }
    chars.iter().take(3).chain("****".chars().collect::<Vec<_>>().iter()).collect()
}

/// An id number for someone else's eyes: only that there is one, and its last two characters.
pub fn id_number_short(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    let tail: String = chars.iter().skip(chars.len().saturating_sub(2)).collect();
    format!("****{tail}")
}

/// A mobile number: `138****5678`.
pub fn mobile(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() < 8 {
        return "****".to_owned();
    }
    let head: String = chars[..3].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}****{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_shape() {
        let cases = [
            ("张三", "*三"),
            ("张三丰", "*三丰"),
            ("欧阳娜娜", "**娜娜"),
            ("欧阳", "*阳"),
            ("买买提·吐尔逊", "***·吐尔逊"),
            ("MARIA SILVA", "M**** S****"),
            ("㛃䶮", "*䶮"),
            ("丁", "*"),
            ("", ""),
        ];
        for (full, masked) in cases {
            assert_eq!(name(full), masked, "{full}");
        }
    }

    #[test]
    fn numbers_lose_the_part_that_identifies() {
        assert_eq!(id_number("110101199003070011"), "110101 19900307 ****");
        assert_eq!(id_number("USA110190030719"), "USA****");
        assert_eq!(id_number_short("110101199003070011"), "****11");
        assert_eq!(mobile("13800001234"), "138****1234");
        assert_eq!(mobile("12345"), "****");
    }
}
