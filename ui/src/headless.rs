//! The same pages without a display: draws them, finds what can be touched, touches it.
//!
//! For tests and for players that compare a real window with what it should show. Positions are
//! pixels of the window. What varies from run to run is named by element id, the same on every
//! page: `mask-clock`, `mask-qr`, `mask-id` (receipt number, page fingerprint, lines of a slip with
//! digits), `mask-time` (times, dates, remaining time); several of one name may be on a page.
//! `stage-region` is what lies between the step bar and the keyboard or action bar, `keys` the
//! keyboard, `pad` the surface that is signed on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions,
    mock_elapsed_time,
};
use kiosk_core::view::{Intent, Revision, View};
use slint::platform::{PlatformError, PointerEventButton, SetPlatformError, WindowEvent};
use slint::{LogicalPosition, SharedString};

use crate::picture::PictureSource;
use crate::screen::Screen;

/// A scrolling area holds a press back for 100 ms to see whether it becomes a drag.
const PRESS: Duration = Duration::from_millis(150);
/// Enough rounds for bindings that follow one another (layout, then scroll, then focus).
const SETTLE_ROUNDS: usize = 4;

/// Pixels, four bytes each, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    pub width_px: u32,
    pub height_px: u32,
    pub rgba: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    #[must_use]
    pub fn centre(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    #[must_use]
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// The part of both, if any.
    #[must_use]
    pub fn within(&self, other: &Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (right > x && bottom > y).then_some(Self { x, y, width: right - x, height: bottom - y })
    }

    /// Up to the rounding of a layout.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < 0.5
            && (self.y - other.y).abs() < 0.5
            && (self.width - other.width).abs() < 0.5
            && (self.height - other.height).abs() < 0.5
    }
}

/// Something a finger can press.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub label: String,
    pub enabled: bool,
    /// All of it, also what is scrolled away.
    pub full: Rect,
    /// What can be seen and hit; `None` if all of it is scrolled away or covered by a sheet.
    pub seen: Option<Rect>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchTarget {
    pub label: String,
    /// What could have been pressed instead.
    pub there: Vec<String>,
}

impl std::fmt::Display for NoSuchTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no button {:?} can be pressed; there are {:?}", self.label, self.there)
    }
}

impl std::error::Error for NoSuchTarget {}

type Intents = Rc<RefCell<Vec<(Revision, Intent)>>>;

/// A screen that is drawn into memory. Belongs to the thread that made it.
#[derive(Debug)]
pub struct Headless {
    screen: Screen,
    size: (u32, u32),
    intents: Intents,
}

impl Headless {
    /// # Errors
    /// Another windowing backend is already in use on this thread.
    pub fn new(width_px: u32, height_px: u32) -> Result<Self, PlatformError> {
        use_testing_backend()?;
        let screen = Screen::new()?;
        let intents = Intents::default();
        let heard = Rc::clone(&intents);
        screen.on_intent(move |revision, intent| heard.borrow_mut().push((revision, intent)));
        screen.window().show()?;
        screen.set_size(width_px, height_px);
        Ok(Self { screen, size: (width_px, height_px), intents })
    }

    pub fn show(&self, view: &View, pictures: &dyn PictureSource) {
        self.screen.show(view, pictures);
        self.settle();
    }

    /// # Errors
    /// The software renderer refused the size.
    pub fn snapshot(&self) -> Result<Shot, PlatformError> {
        let buffer = self.screen.window().take_snapshot()?;
        Ok(Shot {
            width_px: buffer.width(),
            height_px: buffer.height(),
            rgba: buffer.as_bytes().to_vec(),
        })
    }

    /// Everything that can be pressed, in the order of the page.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let buttons = self.query(|e| e.accessible_role() == Some(AccessibleRole::Button));
        let scrolled: Vec<(Rect, Vec<Rect>)> = self
            .query(|e| has_id(e, "flick"))
            .iter()
            .map(|flick| {
                let inside = flick
                    .query_descendants()
                    .match_accessible_role(AccessibleRole::Button)
                    .find_all();
                (rect(flick), inside.iter().map(rect).collect())
            })
            .collect();
        let window = self.whole();
        let mut targets = Vec::new();
        for button in buttons {
            let full = rect(&button);
            let port = scrolled
                .iter()
                .find(|(_, inside)| inside.iter().any(|one| one.same(&full)))
                .map_or(window, |(port, _)| *port);
            let target = Target {
                label: label(&button),
                enabled: button.accessible_enabled().unwrap_or(true),
                full,
                seen: full.within(&port).and_then(|part| part.within(&window)),
            };
            // An element is met once for every component it inherits from.
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets
    }

    /// A button by its label, enabled and at least half in sight. The first of several.
    #[must_use]
    pub fn target(&self, label: &str) -> Option<Rect> {
        self.targets()
            .into_iter()
            .filter(|t| t.enabled && t.label == label)
            .find_map(|t| t.seen.filter(|seen| seen.height * 2.0 >= t.full.height))
    }

    /// All elements of that id that are in the window, e.g. `mask-clock` or `stage-region`.
    #[must_use]
    pub fn rects_of(&self, id: &str) -> Vec<Rect> {
        let id = id.to_owned();
        let window = self.whole();
        self.query(move |e| has_id(e, &id)).iter().filter_map(|e| rect(e).within(&window)).collect()
    }

    #[must_use]
    pub fn rect_of(&self, id: &str) -> Option<Rect> {
        self.rects_of(id).into_iter().next()
    }

    /// # Errors
    /// No enabled button of that label is in sight.
    pub fn tap(&self, label: &str) -> Result<(), NoSuchTarget> {
        let Some(rect) = self.target(label) else {
            let there = self.targets().into_iter().filter(|t| t.enabled && t.seen.is_some());
            let there = there.map(|t| t.label).collect();
            return Err(NoSuchTarget { label: label.to_owned(), there });
        };
        let (x, y) = rect.centre();
        self.tap_at(x, y);
        Ok(())
    }

    pub fn tap_at(&self, x: f32, y: f32) {
        self.drag(&[(x, y)]);
    }

    /// Presses at the first point, moves over the others, lifts at the last.
    pub fn drag(&self, points: &[(f32, f32)]) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let place = |(x, y): &(f32, f32)| LogicalPosition::new(*x, *y);
        let button = PointerEventButton::Left;
        let window = self.screen.window();
        window.dispatch_event(WindowEvent::PointerMoved { position: place(first) });
        window.dispatch_event(WindowEvent::PointerPressed { position: place(first), button });
        mock_elapsed_time(PRESS);
        for point in points.iter().skip(1) {
            window.dispatch_event(WindowEvent::PointerMoved { position: place(point) });
        }
        window.dispatch_event(WindowEvent::PointerReleased { position: place(last), button });
        window.dispatch_event(WindowEvent::PointerExited);
        self.settle();
    }

    /// Types into the focused field, as a keyboard would.
    pub fn type_text(&self, text: &str) {
        for one in text.chars() {
            let text = SharedString::from(one);
            self.screen.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            self.screen.window().dispatch_event(WindowEvent::KeyReleased { text });
        }
        self.settle();
    }

    /// Where a text stands that is no button's.
    #[must_use]
    pub fn words(&self, text: &str) -> Option<Rect> {
        let texts = self.query(|e| e.accessible_role() == Some(AccessibleRole::Text));
        texts.iter().find(|e| label(e) == text).map(rect)
    }

    /// Words that reach beyond the button they belong to, or beyond the window sideways.
    #[must_use]
    pub fn words_outside(&self) -> Vec<String> {
        let mut outside = Vec::new();
        for button in self.query(|e| e.accessible_role() == Some(AccessibleRole::Button)) {
            let frame = rect(&button);
            for words in button.query_descendants().match_inherits("Text").find_all() {
                let words = rect(&words);
                if words.bottom() > frame.bottom() + 1.0 || words.right() > frame.right() + 1.0 {
                    outside.push(format!("{}: {words:?} in {frame:?}", label(&button)));
                }
            }
        }
        let window = self.whole();
        for words in self.query(|e| e.accessible_role() == Some(AccessibleRole::Text)) {
            let at = rect(&words);
            if at.x < 0.0 || at.right() > window.width + 1.0 {
                outside.push(format!("{}: {at:?}", label(&words)));
            }
        }
        outside
    }

    /// What was said since the last call.
    #[must_use]
    pub fn take_intents(&self) -> Vec<(Revision, Intent)> {
        self.intents.borrow_mut().drain(..).collect()
    }

    /// One line per accessible element: role, label, value, state.
    #[must_use]
    pub fn tree(&self) -> String {
        let mut text = String::new();
        let mut told = BTreeSet::new();
        for element in self.query(|e| e.accessible_role().is_some()) {
            let Some(role) = element.accessible_role() else { continue };
            let label = label(&element);
            if label.is_empty() || role == AccessibleRole::None {
                continue;
            }
            let mut line = format!("{role:?} {label}");
            if let Some(value) = element.accessible_value().filter(|v| !v.is_empty()) {
                line.push_str(&format!(" = {value}"));
            }
            if element.accessible_checked() == Some(true) {
                line.push_str(" [chosen]");
            }
            if element.accessible_enabled() == Some(false) {
                line.push_str(" [off]");
            }
            line.push('\n');
            // An element is met once for every component it inherits from.
            let at = rect(&element);
            if told.insert((line.clone(), at.x.to_bits(), at.y.to_bits())) {
                text.push_str(&line);
            }
        }
        text
    }

    /// The screen itself, for calls that have no counterpart here.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    fn settle(&self) {
        for _ in 0..SETTLE_ROUNDS {
            mock_elapsed_time(Duration::from_millis(1));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a window is smaller than 2^24 pixels")]
    fn whole(&self) -> Rect {
        Rect { x: 0.0, y: 0.0, width: self.size.0 as f32, height: self.size.1 as f32 }
    }

    fn query(&self, wanted: impl Fn(&ElementHandle) -> bool + 'static) -> Vec<ElementHandle> {
        ElementQuery::from_root(self.screen.app())
            .match_descendants()
            .match_predicate(wanted)
            .find_all()
    }
}

/// A picture of the gallery: every component in every state, in that look.
///
/// # Errors
/// As [`Headless::new`] and [`Headless::snapshot`].
pub fn gallery(look: kiosk_core::view::Look) -> Result<Shot, PlatformError> {
    use_testing_backend()?;
    let gallery = crate::gallery::Gallery::new(look)?;
    gallery.window().show()?;
    gallery.window().set_size(gallery.whole());
    for _ in 0..SETTLE_ROUNDS {
        mock_elapsed_time(Duration::from_millis(1));
    }
    let buffer = gallery.window().take_snapshot()?;
    Ok(Shot {
        width_px: buffer.width(),
        height_px: buffer.height(),
        rgba: buffer.as_bytes().to_vec(),
    })
}

/// Once per thread; a second screen on the same thread shares the backend.
fn use_testing_backend() -> Result<(), PlatformError> {
    let backend = TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    });
    match slint::platform::set_platform(Box::new(backend)) {
        Ok(()) | Err(SetPlatformError::AlreadySet) => Ok(()),
        Err(other) => Err(PlatformError::Other(other.to_string())),
    }
}

fn has_id(element: &ElementHandle, name: &str) -> bool {
    element.id().is_some_and(|id| id.rsplit("::").next() == Some(name))
}

fn rect(element: &ElementHandle) -> Rect {
    let (at, size) = (element.absolute_position(), element.size());
    Rect { x: at.x, y: at.y, width: size.width, height: size.height }
}

fn label(element: &ElementHandle) -> String {
    element.accessible_label().map(String::from).unwrap_or_default()
}
