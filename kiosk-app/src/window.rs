//! The Slint window on the main thread: newest view in, touches out.
//!
//! A view crosses to the main thread whole, through the event loop; a view that was overtaken on
//! the way is not drawn.

use std::{cell::RefCell, sync::Arc};

use kiosk_core::view::View;
use kiosk_ui::Screen;
use tokio::sync::watch;

use crate::{config, pages::Pictures, run::Touch};

thread_local! {
    /// The one window; only the main thread has it.
    static SCREEN: RefCell<Option<Screen>> = const { RefCell::new(None) };
}

/// Makes the window and wires touches. Call on the main thread.
pub fn open(size: &config::Screen, touch: Touch) -> Result<(), slint::PlatformError> {
    let screen = Screen::new()?;
    screen.set_size(size.width.0, size.height.0);
    screen.window().on_close_requested(|| {
        // Closed by hand on a development machine: the program ends with its window.
        close();
        slint::CloseRequestResponse::HideWindow
    });
    screen.on_intent(move |revision, intent| touch.send(revision, intent));
    SCREEN.set(Some(screen));
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
    SCREEN.with_borrow(|screen| screen.as_ref().expect("the window was opened").run())
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

fn show(view: &View, pictures: &Pictures) {
    SCREEN.with_borrow(|screen| {
        if let Some(screen) = screen {
            screen.show(view, pictures);
        }
    });
}
