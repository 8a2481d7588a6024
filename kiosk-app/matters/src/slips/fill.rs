//! From a layout and the values of one case to the lines on the paper.

use kiosk_words::Private;

use super::{
    Body, COLUMNS, Condition, Element, Layout, Out, Style,
    placeholder::{Need, Placeholder, Slip, Values},
    template::Template,
    wrap::{columns, wrap},
};

/// Before each item of a list.
const BULLET: &str = "- ";
/// Between a label and its value.
const COLON: &str = "：";

/// Why a slip cannot be made. Names what is missing, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFill {
    #[error("{slip}: expected a value for {placeholder}, got none")]
    Missing { slip: Slip, placeholder: Placeholder },
    #[error("{slip}: expected no value for {placeholder}, which this slip does not say")]
    Foreign { slip: Slip, placeholder: Placeholder },
    #[error(
        "{slip}: expected a text, a list or a flag for {placeholder} as it is made, got another"
    )]
    Shape { slip: Slip, placeholder: Placeholder },
    #[error("{slip}:{line}: a number is wider than the {columns} columns it has")]
    TooWide { slip: Slip, line: usize, columns: usize },
    #[error("{slip}: expected visible ASCII for {placeholder}, which becomes a QR code")]
    NotAscii { slip: Slip, placeholder: Placeholder },
}

impl Layout {
    /// The lines of the slip for one case, each of which fits the paper.
    pub fn fill(&self, values: &Values) -> Result<Vec<Out>, BadFill> {
        self.check(values)?;
        let mut out = Vec::new();
        for element in self.elements.iter().filter(|element| element.condition.holds(values)) {
            self.put(element, values, &mut out)?;
        }
        Ok(out)
    }

    fn check(&self, values: &Values) -> Result<(), BadFill> {
        let slip = self.slip;
        for (placeholder, value) in values.iter() {
            if slip.need(placeholder).is_none() {
                return Err(BadFill::Foreign { slip, placeholder });
            }
            if !value.fits(placeholder.shape()) {
                return Err(BadFill::Shape { slip, placeholder });
            }
        }
        let missing = slip
            .known()
            .iter()
            .find(|(placeholder, need)| *need == Need::Always && !values.has(*placeholder));
        missing.map_or(Ok(()), |(placeholder, _)| Err(self.missing(*placeholder)))
    }

    const fn missing(&self, placeholder: Placeholder) -> BadFill {
        BadFill::Missing { slip: self.slip, placeholder }
    }

    fn put(&self, element: &Element, values: &Values, out: &mut Vec<Out>) -> Result<(), BadFill> {
        let line = element.line;
        match &element.body {
            Body::Text { words, style } => {
                let text = self.text(words.on_paper(), values)?;
                self.put_lines("", &text, *style, line, out)?;
            }
            Body::Labelled { label, value, bold } => {
                let label = if label.zh.is_empty() { "" } else { &format!("{}{COLON}", label.zh) };
                let head = padded(label, self.label_columns);
                let text = self.text(value.on_paper(), values)?;
                self.put_lines(&head, &text, Style::plain(*bold), line, out)?;
            }
            Body::List(placeholder) => {
                let items = values.items(*placeholder).ok_or(self.missing(*placeholder))?;
                for item in items {
                    self.put_lines(BULLET, item, Style::plain(false), line, out)?;
                }
            }
            Body::Qr(placeholder) => {
                let text = values.text(*placeholder).ok_or(self.missing(*placeholder))?;
                if !text.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(BadFill::NotAscii { slip: self.slip, placeholder: *placeholder });
                }
                out.push(Out::Qr(text.clone()));
            }
            Body::Rule => out.push(Out::Rule),
            Body::Gap(n_lines) => out.push(Out::Gap(*n_lines)),
        }
        Ok(())
    }

    fn text(&self, template: &Template, values: &Values) -> Result<Private<String>, BadFill> {
        template.fill(values).map_err(|placeholder| self.missing(placeholder))
    }

    /// A text behind a head; what wraps stays under the text.
    fn put_lines(
        &self,
        head: &str,
        text: &Private<String>,
        style: Style,
        line: usize,
        out: &mut Vec<Out>,
    ) -> Result<(), BadFill> {
        let indent = columns(head);
        let room = style.scale.columns().saturating_sub(indent);
        let wrapped = wrap(text.expose(), room).ok_or(BadFill::TooWide {
            slip: self.slip,
            line,
            columns: room,
        })?;
        let under = " ".repeat(indent);
        for (index, text) in wrapped.iter().enumerate() {
            let head = if index == 0 { head } else { &under };
            let text = text.map(|text| [head, text].concat());
            let Style { scale, align, bold } = style;
            out.push(Out::Line { text, scale, align, bold });
        }
        Ok(())
    }
}

impl Condition {
    fn holds(self, values: &Values) -> bool {
        match self {
            Self::Always => true,
            Self::When(placeholder) => values.has(placeholder),
            Self::Unless(placeholder) => !values.has(placeholder),
        }
    }
}

fn padded(label: &str, width: usize) -> String {
    let n_spaces = width.saturating_sub(columns(label));
    [label, &" ".repeat(n_spaces)].concat()
}

/// Whether a label and its colon leave room for a value that begins in that column.
pub(super) fn label_fits(label: &str, width: usize) -> bool {
    columns(label) + columns(COLON) <= width && width <= COLUMNS / 2
}
