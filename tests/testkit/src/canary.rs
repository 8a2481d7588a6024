//! Words by which invented people could be known, and every way in which bytes can carry them.
//!
//! A person leaks in more shapes than text: as the UTF-16 of the chip, the GBK of the printer, the
//! hex or the decimals of a dump. [`Net`] looks for all of them at once, in a line of a log as in a
//! database. It never says the word it found, only which.

use aho_corasick::AhoCorasick;

/// Shorter ones would be found by chance in bytes that mean nothing, such as ciphertext.
const BYTES_MIN: usize = 6;

/// How bytes carry a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gbk,
    /// Two digits for each byte of the UTF-8, the UTF-16 or the GBK, small or large.
    Hex,
    /// As the Debug text of a list of bytes.
    Decimals,
    /// As a Debug text or JSON escapes it.
    Escaped,
}

/// Where a word was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caught {
    /// Its place among the words.
    pub word: usize,
    pub form: Form,
    /// Byte in what was searched.
    pub at: usize,
}

impl std::fmt::Display for Caught {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "canary {} as {:?} at byte {}", self.word, self.form, self.at)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Net {
    words: Vec<String>,
    /// Word and form of each pattern of the searcher.
    patterns: Vec<(usize, Form)>,
    searcher: Option<AhoCorasick>,
}

impl Net {
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut net = Self::default();
        net.words.extend(words.into_iter().map(str::to_owned));
        net.weave();
        net
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// One more word to look for; one that is too short to mean anybody is not.
    pub fn add(&mut self, word: &str) {
        if word.chars().count() >= 2 && !self.words.iter().any(|known| known == word) {
            self.words.push(word.to_owned());
            self.weave();
        }
    }

    fn weave(&mut self) {
        let mut bytes = Vec::new();
        self.patterns.clear();
        for (at, word) in self.words.iter().enumerate() {
            for (form, pattern) in forms(word) {
                self.patterns.push((at, form));
                bytes.push(pattern);
            }
        }
        let searcher = AhoCorasick::new(bytes).expect("words of people are few and short");
        self.searcher = Some(searcher);
    }

    /// The first word in a text, in any form.
    pub fn in_text(&self, text: &str) -> Option<Caught> {
        self.find_long(text.as_bytes(), 1)
    }

    /// The first word in bytes of any kind: forms that could be there by chance do not count.
    pub fn in_bytes(&self, bytes: &[u8]) -> Option<Caught> {
        let is_text = std::str::from_utf8(bytes).is_ok();
        self.find_long(bytes, if is_text { 1 } else { BYTES_MIN })
    }

    fn find_long(&self, bytes: &[u8], bytes_min: usize) -> Option<Caught> {
        let found = self.searcher.iter().flat_map(|searcher| searcher.find_overlapping_iter(bytes));
        let mut long = found.filter(|found| found.len() >= bytes_min);
        long.next().map(|found| self.told(found.pattern().as_usize(), found.start()))
    }

    fn told(&self, pattern: usize, at: usize) -> Caught {
        let (word, form) = self.patterns[pattern];
        Caught { word, form, at }
    }
}

/// Every form of a word, without doubles.
fn forms(word: &str) -> Vec<(Form, Vec<u8>)> {
    let utf8 = word.as_bytes().to_vec();
    let le: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = word.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (gbk, _, unmappable) = encoding_rs::GBK.encode(word);
    let gbk = if unmappable { Vec::new() } else { gbk.into_owned() };
    let mut all = vec![(Form::Utf8, utf8.clone())];
    for raw in [&utf8, &le, &be, &gbk] {
        all.push((Form::Hex, hex(raw, false)));
        all.push((Form::Hex, hex(raw, true)));
        all.push((Form::Decimals, decimals(raw)));
    }
    all.push((Form::Utf16Le, le));
    all.push((Form::Utf16Be, be));
    all.push((Form::Gbk, gbk));
    all.push((Form::Escaped, word.escape_unicode().to_string().into_bytes()));
    all.push((Form::Escaped, json_escapes(word)));
    all.retain(|(_, bytes)| !bytes.is_empty());
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|(_, bytes)| seen.insert(bytes.clone()));
    all
}

fn hex(bytes: &[u8], large: bool) -> Vec<u8> {
    let digit = |byte: &u8| if large { format!("{byte:02X}") } else { format!("{byte:02x}") };
    bytes.iter().map(digit).collect::<String>().into_bytes()
}

fn decimals(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ").into_bytes()
}

fn json_escapes(word: &str) -> Vec<u8> {
    let unit = |unit: u16| format!("\\u{unit:04x}");
    word.encode_utf16().map(unit).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "测试甲";
    const NUMBER: &str = "230202199001010012";

    #[test]
    fn a_word_is_found_in_every_form_and_named_by_its_place() {
        let net = Net::of([NUMBER, NAME]);
        for (form, bytes) in forms(NAME) {
            let mut all = vec![0xff; 40];
            all.extend(&bytes);
            all.extend([0xff; 40]);
            let caught = net.in_bytes(&all).unwrap_or_else(|| panic!("{form:?} is not found"));
            assert_eq!((caught.word, caught.at), (1, 40), "{form:?}");
        }
        assert!(!net.in_text(&format!("name {NAME}")).unwrap().to_string().contains(NAME));
        assert_eq!(net.in_text("[50, 51, 48]"), None);
    }

    #[test]
    fn what_could_be_chance_in_ciphertext_counts_in_text_only() {
        let net = Net::of(["王伟"]);
        let gbk = encoding_rs::GBK.encode("王伟").0.into_owned();
        assert!(gbk.len() < BYTES_MIN);
        assert_eq!(net.in_bytes(&[&[0xff, 0xfe][..], &gbk].concat()), None);
        assert!(net.in_bytes("王伟".as_bytes()).is_some());
    }

    #[test]
    fn a_new_word_is_looked_for_from_then_on() {
        let mut net = Net::default();
        assert_eq!(net.in_text(NUMBER), None);
        net.add(NUMBER);
        net.add("x");
        assert!(net.in_text(NUMBER).is_some());
        assert_eq!(net.words().len(), 1);
    }
}
