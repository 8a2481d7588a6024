//! The gallery: every component in every state, in any look.
//!
//! The first page a newcomer to the screen opens: `cargo run -p golden --bin gallery`. Tests
//! compare it with blessed pictures. Absent from the product, as all of the feature `headless`.

use kiosk_core::view::Look;
use slint::{ComponentHandle as _, PhysicalSize, PlatformError};

use crate::convert;
use crate::generated::{self, Theme};

/// A window with everything on it. Belongs to the thread that made it.
pub struct Gallery(generated::Gallery);

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gallery")
    }
}

impl Gallery {
    /// # Errors
    /// There is no display, or no window backend on this thread.
    pub fn new(look: Look) -> Result<Self, PlatformError> {
        let gallery = Self(generated::Gallery::new()?);
        gallery.dress(look);
        Ok(gallery)
    }

    pub fn dress(&self, look: Look) {
        let theme = self.0.global::<Theme<'_>>();
        theme.set_palette(convert::palette(look.palette));
        theme.set_elder(look.elder);
    }

    /// What it takes to show all of it, in logical pixels.
    #[must_use]
    pub fn whole(&self) -> slint::LogicalSize {
        let theme = self.0.global::<Theme<'_>>();
        slint::LogicalSize::new(theme.get_gallery_width(), theme.get_gallery_height())
    }

    pub fn set_size(&self, width_px: u32, height_px: u32) {
        self.window().set_size(PhysicalSize::new(width_px, height_px));
    }

    #[must_use]
    pub fn window(&self) -> &slint::Window {
        self.0.window()
    }

    /// Hears every key that no field of the gallery takes.
    pub fn on_key(&self, heard: impl Fn(&Self, &str) + 'static) {
        let this = self.0.as_weak();
        self.0.on_typed(move |key| {
            if let Some(gallery) = this.upgrade() {
                heard(&Self(gallery), &key);
            }
        });
    }

    /// Shows the window until it is closed.
    ///
    /// # Errors
    /// The window backend failed.
    pub fn run(&self) -> Result<(), PlatformError> {
        self.0.run()
    }

    /// Ends [`Gallery::run`].
    pub fn close(&self) {
        // Fails when there is no event loop to end, which is what is wanted.
        let _ended = slint::quit_event_loop();
    }
}
