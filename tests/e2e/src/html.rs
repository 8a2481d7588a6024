//! As much of HTML as a clerk needs: links by their words, and forms by their button.
//! Reads server-rendered pages of our own hall; it is no general parser and runs no script.

/// A form as a browser would send it when nothing was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    /// Names and values of its inputs, selects and text areas, hidden ones included.
    pub fields: Vec<(String, String)>,
    /// Words on its buttons.
    pub buttons: Vec<String>,
}

impl Form {
    /// Types into the field; says whether the form has it.
    pub fn fill(&mut self, name: &str, value: &str) -> bool {
        let field = self.fields.iter_mut().find(|field| field.0 == name);
        field.map(|field| value.clone_into(&mut field.1)).is_some()
    }

    /// Marks a radio button, which a form does not send while nobody has marked one.
    pub fn mark(&mut self, name: &str, value: &str) {
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// Name (`a`, `/a`) and the text of its attributes.
    Tag(&'a str, &'a str),
    Text(&'a str),
}

struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let Some(inside) = self.0.strip_prefix('<') else {
            let end = self.0.find('<').unwrap_or(self.0.len());
            let (text, rest) = self.0.split_at(end);
            self.0 = rest;
            return Some(Piece::Text(text));
        };
        let (tag, rest) = inside.split_once('>').unwrap_or((inside, ""));
        self.0 = rest;
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        Some(Piece::Tag(name.trim_end_matches('/'), attributes))
    }
}

/// Value of an attribute written `name="value"`.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        if before.split_whitespace().next_back() == Some(name) {
            return Some(plain(value));
        }
        rest = next;
    }
    None
}

/// Text without the entities that a template engine writes.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, next)) = after.split_once(';') else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        });
        match (name, number.and_then(char::from_u32)) {
            (_, Some(letter)) => out.push(letter),
            ("amp", None) => out.push('&'),
            ("lt", None) => out.push('<'),
            ("gt", None) => out.push('>'),
            ("quot", None) => out.push('"'),
            ("apos", None) => out.push('\''),
            (other, None) => out.push_str(&format!("&{other};")),
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

/// All words of a page without its tags.
pub fn words(page: &str) -> String {
    let texts = Pieces(page).filter_map(|piece| match piece {
        Piece::Text(text) => Some(plain(text)),
        Piece::Tag(..) => None,
    });
    texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Addresses and words of all links.
pub fn links(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for piece in Pieces(page) {
        match piece {
            Piece::Tag("a", attributes) => {
                found.push((attribute(attributes, "href").unwrap_or_default(), String::new()));
                open = true;
            }
            Piece::Tag("/a", _) => open = false,
            Piece::Text(text) if open => {
                if let Some(link) = found.last_mut() {
                    link.1.push_str(plain(text).trim());
                }
            }
            Piece::Tag(..) | Piece::Text(_) => {}
        }
    }
    found
}

/// All rows of the page's tables, each as HTML.
pub fn rows(page: &str) -> Vec<String> {
    let rows = page.split("<tr").skip(1).filter_map(|rest| rest.split_once("</tr>"));
    rows.map(|(row, _)| format!("<tr{row}")).collect()
}

/// Addresses of all pictures.
pub fn pictures(page: &str) -> Vec<String> {
    let tags = Pieces(page).filter_map(|piece| match piece {
        Piece::Tag("img", attributes) => attribute(attributes, "src"),
        Piece::Tag(..) | Piece::Text(_) => None,
    });
    tags.collect()
}

/// All forms of the page.
pub fn forms(page: &str) -> Vec<Form> {
    let mut found = Vec::new();
    let mut form: Option<Form> = None;
    let mut in_button = false;
    for piece in Pieces(page) {
        let Some(open) = &mut form else {
            if let Piece::Tag("form", attributes) = piece {
                let action = attribute(attributes, "action").unwrap_or_default();
                form = Some(Form { action, ..Form::default() });
            }
            continue;
        };
        match piece {
            Piece::Tag("/form", _) => found.extend(form.take()),
            Piece::Tag("input" | "textarea" | "select", attributes) => add_field(open, attributes),
            Piece::Tag("option", attributes) => choose(open, attributes),
            Piece::Tag("button", attributes) => {
                in_button = true;
                open.buttons.push(String::new());
                add_field(open, attributes);
            }
            Piece::Tag("/button", _) => in_button = false,
            Piece::Text(text) if in_button => {
                if let Some(button) = open.buttons.last_mut() {
                    button.push_str(plain(text).trim());
                }
            }
            Piece::Tag(..) | Piece::Text(_) => {}
        }
    }
    found
}

fn add_field(form: &mut Form, attributes: &str) {
    let kind = attribute(attributes, "type").unwrap_or_default();
    let checked = attributes.split_whitespace().any(|word| word == "checked");
    if matches!(kind.as_str(), "checkbox" | "radio") && !checked {
        return;
    }
    if let Some(name) = attribute(attributes, "name") {
        let value = attribute(attributes, "value").unwrap_or_default();
        form.fields.push((name, value));
    }
}

/// A select takes its first option, or the one marked.
fn choose(form: &mut Form, attributes: &str) {
    let marked = attributes.split_whitespace().any(|word| word == "selected");
    if let (Some(field), Some(value)) = (form.fields.last_mut(), attribute(attributes, "value"))
        && (field.1.is_empty() || marked)
    {
        field.1 = value;
    }
}

/// The form with exactly this word on a button.
pub fn form_with_button(page: &str, word: &str) -> Option<Form> {
    forms(page).into_iter().find(|form| form.buttons.iter().any(|button| button == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<h1>办件</h1><a href="/cases/1?a=1&amp;b=2">0017 &lt;新&gt;</a>
        <img alt="x" src="/scan/1"><form method="post" action="/cases/1/accept">
        <input type="hidden" name="csrf" value="t&quot;1"><input name="number" required>
        <select name="why"><option value="a">甲</option><option value="b" selected>乙</option></select>
        <button type="submit">受理</button></form><form action="/out"><button>退出</button></form>"#;

    #[test]
    fn a_form_is_found_by_its_button_and_sends_its_hidden_fields() {
        let mut form = form_with_button(PAGE, "受理").unwrap();
        assert_eq!(form.action, "/cases/1/accept");
        assert!(form.fill("number", "A1"));
        assert!(!form.fill("nothing", "A1"));
        let fields: Vec<_> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(fields, [("csrf", "t\"1"), ("number", "A1"), ("why", "b")]);
    }

    #[test]
    fn links_pictures_and_words_are_read_as_a_person_reads_them() {
        assert_eq!(links(PAGE), [("/cases/1?a=1&b=2".into(), "0017 <新>".into())]);
        assert_eq!(pictures(PAGE), ["/scan/1"]);
        assert!(words(PAGE).starts_with("办件 0017 <新>"));
    }
}
