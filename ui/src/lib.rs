//! The touch screen: a [`View`](kiosk_core::view::View) goes in, an
//! [`Intent`](kiosk_core::view::Intent) comes out.
//!
//! This crate decides how a view looks, never what it says or what follows from a touch. It keeps
//! no state but the caret of a focused field and the strokes of an unfinished signature.
//! The pages are `ui/*.slint`; `theme.slint` holds every colour, size and duration, `api.slint`
//! the properties and callbacks that [`Screen`] fills and answers.
//!
//! ```text
//!   View ──► show ──► Shown (properties) ──► page ──► Act (callbacks) ──► Intent + Revision
//! ```
//!
//! [`headless`] (cargo feature of that name, absent from the product) draws the same pages without
//! a display and finds what can be touched on them.

mod cabinet;
mod convert;
mod font;
mod ink;
mod picture;
mod screen;

#[cfg(feature = "headless")]
pub mod gallery;
#[cfg(feature = "headless")]
pub mod headless;

/// Made by the Slint compiler from `ui/*.slint`.
#[allow(missing_debug_implementations, unreachable_pub, reason = "generated code")]
#[allow(clippy::all, clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "generated")]
#[allow(
    clippy::todo,
    clippy::too_many_lines,
    clippy::cast_possible_truncation,
    reason = "generated code"
)]
mod generated {
    slint::include_modules!();
}

pub use font::{FontProblem, check_font};
pub use picture::{NoPictures, Picture, PictureSource};
pub use screen::Screen;
