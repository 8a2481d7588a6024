//! Forms as templates: a template and data become pages, pages become a PDF or a picture, and a
//! PDF that came from elsewhere becomes a picture.
//!
//! ```text
//!  assets/forms/*.typ ─┐
//!  data.json ──────────┼─► Templates::set ─► Pages ─► pdf (PDF/A-2b) · picture · PWG raster
//!  fonts ──────────────┘
//!  a PDF of the hall ────► pdf::Reader ───────────► picture · PWG raster
//! ```
//!
//! It decides how a page is set and whether it can be set truthfully: a character that no font has
//! is an error and never a box. It does not decide what stands on a page, and knows neither case
//! nor matter.
//!
//! **Data is data.** A template reads one virtual file, `data.json`. Nothing of it is ever spliced
//! into markup, so a name with a `#` is a name.
//!
//! **A limit on everything.** typst cannot be interrupted, and a PDF may be hostile, so both run in
//! a [`worker`], a process with limits of memory and time that is ended when it passes them. What
//! typst remembers of a page goes with the job after it; whoever may leave nothing of a person
//! behind ends the process ([`worker::Worker::forget`]).

pub mod fonts;
mod form;
pub mod pdf;
mod picture;
pub mod pwg;
mod template_error;
mod templates;
pub mod worker;
mod world;

pub use fonts::Fonts;
pub use form::{CannotSet, PAGES_MAX, Pages};
pub use picture::{Picture, Raster};
pub use template_error::{Place, TemplateError};
pub use templates::{DATA_FILE, QR_FILE, Templates, TemplatesError};

/// Forgets all that typst remembers of earlier pages. The next page takes tens of milliseconds
/// more: letters are drawn anew.
pub fn forget() {
    comemo::evict(0);
}

/// Forgets what the last page did not need, so that memory does not grow with the number of pages.
pub fn forget_older() {
    comemo::evict(1);
}
