//! The Slint window on the main thread: newest view in, touches out.
//!
//! A view crosses to the main thread whole, through the event loop; a view that was overtaken on
//! the way is not drawn.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use kiosk_core::view::{Ink, Intent, Revision, View};
use kiosk_ui::Screen;
use kiosk_words::Moment;
use tokio::sync::{mpsc, watch};

use crate::{clock::Clock, config, limits, pages::Pictures};

thread_local! {
    /// The one window; only the main thread has it.
    static SCREEN: RefCell<Option<(Screen, Rc<Settling>)>> = const { RefCell::new(None) };
}

/// When the page appeared that is being touched. The second half of a double tap lands on a page
/// that nobody has read yet: until it has settled, the page takes no touch.
#[derive(Debug)]
struct Settling {
    clock: Clock,
    appeared: Cell<(Revision, Moment)>,
}

impl Settling {
    fn new() -> Rc<Self> {
        let appeared = Cell::new((Revision::default(), Moment::default()));
        Rc::new(Self { clock: Clock::start(), appeared })
    }

    fn shows(&self, revision: Revision) {
        if self.appeared.get().0 != revision {
            self.appeared.set((revision, self.clock.now().moment));
        }
    }

    /// Typing is never dropped: the letters stand in the field already.
    fn takes(&self, intent: &Intent) -> bool {
        let typed = matches!(intent, Intent::FieldEdited { .. });
        typed || is_settled(self.appeared.get().1, self.clock.now().moment)
    }
}

const fn is_settled(appeared: Moment, now: Moment) -> bool {
    now.ms_since(appeared) >= limits::PAGE_SETTLES_MS
}

/// Makes the window; touches go to `touch`. Call on the main thread.
pub fn open(
    size: &config::Screen,
    touch: impl Fn(Revision, Intent) + 'static,
) -> Result<(), slint::PlatformError> {
    let screen = Screen::new()?;
    screen.set_size(size.width.0, size.height.0);
    screen.window().on_close_requested(|| {
        // Closed by hand on a development machine: the program ends with its window.
        close();
        slint::CloseRequestResponse::HideWindow
    });
    let settling = Settling::new();
    let settled = Rc::clone(&settling);
    screen.on_intent(move |revision, intent| {
        if settled.takes(&intent) {
            touch(revision, intent);
        }
    });
    SCREEN.set(Some((screen, settling)));
    Ok(())
}

/// Looks the font up where there is neither window nor display.
pub fn font_without_window() -> Result<String, String> {
    slint::platform::set_platform(Box::new(NoWindow)).map_err(|error| error.to_string())?;
    kiosk_ui::check_font().map(|()| "every glyph".to_owned()).map_err(|error| error.to_string())
}

/// A platform that has fonts and nothing to draw on.
struct NoWindow;

impl slint::platform::Platform for NoWindow {
    fn create_window_adapter(
        &self,
    ) -> Result<std::rc::Rc<dyn slint::platform::WindowAdapter>, slint::PlatformError> {
        Err(slint::PlatformError::NoPlatform)
    }
}

/// Runs the event loop until [`close`]. Call on the main thread, after [`open`].
pub fn run() -> Result<(), slint::PlatformError> {
    SCREEN.with_borrow(|screen| screen.as_ref().expect("the window was opened").0.run())
}

/// Ends the event loop from any thread.
pub fn close() {
    // An error means that there is no event loop (any more), which is what is wanted.
    let _ = slint::quit_event_loop();
}

/// Draws the newest view before the event loop runs, so that the first frame is the station's.
/// Call on the main thread, after [`open`].
pub fn show_newest(views: &watch::Receiver<Option<Arc<View>>>, pictures: &Pictures) {
    if let Some(view) = views.borrow().as_deref() {
        show(view, pictures);
    }
}

/// Shows the page after which none comes. Call when nobody follows any more, from any thread.
pub fn show_last(view: View) {
    // An error means that the window is gone, and its reader with it.
    let _ = slint::invoke_from_event_loop(move || show(&view, &Pictures::default()));
}

/// Carries views to the window until the core has ended.
pub async fn follow(mut views: watch::Receiver<Option<Arc<View>>>, pictures: Pictures) {
    loop {
        let view = views.borrow_and_update().clone();
        if let Some(view) = view {
            let (newest, pictures) = (views.clone(), pictures.clone());
            let shown = slint::invoke_from_event_loop(move || {
                let is_newest = newest.borrow().as_ref().is_some_and(|new| Arc::ptr_eq(new, &view));
                if is_newest {
                    show(&view, &pictures);
                }
            });
            if shown.is_err() {
                return;
            }
        }
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// What a key and no finger asks of the signature on the screen.
pub async fn send_ink(asked: Option<mpsc::Receiver<Ink>>) {
    let Some(mut asked) = asked else { return };
    while let Some(ink) = asked.recv().await {
        let sent = slint::invoke_from_event_loop(move || {
            SCREEN.with_borrow(|screen| {
                if let Some((screen, _)) = screen {
                    screen.answer_for_keys(ink);
                }
            });
        });
        if sent.is_err() {
            return;
        }
    }
}

fn show(view: &View, pictures: &Pictures) {
    SCREEN.with_borrow(|screen| {
        if let Some((screen, settling)) = screen {
            screen.show(view, pictures);
            settling.shows(view.revision);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_half_of_a_double_tap_is_not_taken_by_the_next_page() {
        let appeared = Moment(1_000);
        assert!(!is_settled(appeared, Moment(1_150)), "fingers double-tap within 150 ms");
        assert!(is_settled(appeared, Moment(1_000 + limits::PAGE_SETTLES_MS)));
    }

    #[test]
    fn typing_is_taken_at_once() {
        let settling = Settling::new();
        settling.shows(Revision(2));
        let edit = Intent::FieldEdited { field: "permit_no".into(), text: "2".into() };
        assert!(settling.takes(&edit));
        assert!(!settling.takes(&Intent::Next));
    }
}
