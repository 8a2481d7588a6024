//! The gallery: every component in every state, in any look.
//!
//! The first page a newcomer to the screen opens: `cargo run -p golden --bin gallery`. Tests
//! compare it with blessed pictures. Absent from the product, as all of the feature `headless`.

use kiosk_core::view::Look;
use slint::{ComponentHandle as _, PhysicalSize, PlatformError};

use crate::convert::{self, model, text};
use crate::generated::{self, ActionItem, Shown, Theme};
use crate::picture::{Picture, image_of, qr_of};

/// Width and height of the page in the capture slot, in pixels.
const PAGE: (u32, u32) = (300, 424);

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
        gallery.fill();
        gallery.dress(look);
        Ok(gallery)
    }

    /// What the bars and the pictures hold; all else stands in `gallery.slint`.
    fn fill(&self) {
        let shown = self.0.global::<Shown<'_>>();
        shown.set_bar_title(text("龙沙站"));
        shown.set_clock(text("09:26"));
        let labels = ["English", "长辈模式", "求助"];
        let button = |label: &str| ActionItem { label: text(label), act: -1, enabled: true };
        shown.set_buttons(model(labels.map(button)));
        shown.set_buttons_joined(text(&labels.concat()));
        if let Some((image, modules)) = qr_of("NIGHTDESK") {
            shown.set_qr(image);
            shown.set_qr_modules(i32::from(modules));
        }
        if let Some(page) = image_of(&page()) {
            shown.set_picture(page);
        }
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
        slint::LogicalSize::new(theme.get_gallery_width(), self.0.get_whole_height())
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

/// A page as the camera gives it: grey lines where text would be.
fn page() -> Picture {
    let (width_px, height_px) = PAGE;
    let row = |y| (0..width_px).flat_map(move |x| [grey(x, y); 3]);
    let rgb: Vec<u8> = (0..height_px).flat_map(row).collect();
    Picture { width_px, height_px, rgb: rgb.into() }
}

fn grey(x: u32, y: u32) -> u8 {
    let (width_px, height_px) = PAGE;
    let on_text = (36..width_px - 36).contains(&x) && (40..height_px - 40).contains(&y);
    if on_text && y % 24 < 6 { 0x70 } else { 0xfa }
}
