//! The end-to-end side: real processes, a real window, a finger and devices.
//!
//! [`house`] starts hall, device twins and station in a throw-away folder and keeps them alive
//! ([`process`]). [`player`] plays a [`script`] in it with what a person has: pointer and eyes
//! ([`x11`] on [`xvfb`], [`picture`]), devices ([`devices`]) and a clerk's browser ([`clerk`]).
//! What the window must show comes from [`shadow`], a second real core whose page is drawn
//! without a display ([`page`]); its core writes into [`books`]. A process may be given [another
//! clock](other_clock).
//!
//! [`killed`] is a night in which processes die.
//!
//! Not here: anything of the product. Binaries are started as processes and reached over their
//! wires only.

pub mod bare;
pub mod books;
pub mod catalogue;
pub mod clerk;
pub mod clock;
pub mod devices;
pub mod house;
pub mod html;
pub mod killed;
pub mod night;
pub mod other_clock;
pub mod page;
pub mod page_devices;
pub mod picture;
pub mod player;
pub mod process;
pub mod script;
pub mod shadow;
pub mod specimens;
pub mod sweep;
mod wav;
pub mod web;
pub mod x11;
pub mod xvfb;
