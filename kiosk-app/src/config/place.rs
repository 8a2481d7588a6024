//! Where in a TOML text a mistake is: its line, and the dotted name of its field.
//!
//! The parser says at which byte it stopped; what a person edits is a line and a key. This reads
//! the text as a person does, so that it also answers for a text that is no TOML.

/// From 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// `hall.url`, `locker.cells.lock`; a missing field stands in the message only, not in the text.
pub(super) fn field_of(text: &str, at: usize, message: &str) -> String {
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let place = Place::of(text, at);
    let parts = match missing {
        // An inline table such as `name = { zh = … }` is named by its key.
        Some(missing) => [place.table, place.array, place.value_of, Some(missing)],
        None => [place.table, place.array, place.value_of.or(place.key).or(place.first_key), None],
    };
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join(".") }
}

#[derive(Default)]
struct Place<'a> {
    table: Option<&'a str>,
    /// The key of the array in which the place is.
    array: Option<&'a str>,
    /// The key whose value begins at the place.
    value_of: Option<&'a str>,
    /// The key that begins at the place.
    key: Option<&'a str>,
    /// The first key of the line.
    first_key: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(text: &'a str, at: usize) -> Self {
        let (mut place, mut depth, mut begin) = (Self::default(), 0, 0);
        for line in text.split_inclusive('\n') {
            let is_here = at < begin + line.len();
            let before = if is_here { line.split_at_checked(at - begin).unzip().0 } else { None };
            let seen = before.unwrap_or(line).split('#').next().unwrap_or_default();
            if depth == 0 {
                place.array = first_key(seen);
            }
            depth += seen.matches('[').count();
            depth = depth.saturating_sub(seen.matches(']').count());
            if let Some(table) = line.trim().strip_prefix('[').and_then(|it| it.split(']').next()) {
                (place.table, depth) = (Some(table.trim_matches(['[', ' ', '\n'])), 0);
            }
            if depth == 0 {
                place.array = None;
            }
            if is_here {
                place.first_key = first_key(line);
                place.value_of = before.and_then(value_of);
                place.key = line.split_at_checked(at - begin).and_then(|(_, from)| key_of(from));
                break;
            }
            begin += line.len();
        }
        place
    }
}

fn first_key(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim_matches(['{', ' ']))
}

fn value_of(before: &str) -> Option<&str> {
    let named = before.trim_end().strip_suffix('=')?;
    named.trim_end().rsplit(|c| !is_of_key(c)).next().filter(|key| !key.is_empty())
}

fn key_of(from: &str) -> Option<&str> {
    let key = from.split(|c| !is_of_key(c)).next().filter(|key| !key.is_empty())?;
    from.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')).then_some(key)
}

const fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
