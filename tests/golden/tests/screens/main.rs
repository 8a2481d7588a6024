//! What the screen looks like, says and lets a finger do, without a display.

#![allow(clippy::unwrap_used, reason = "a test says where it stopped")]

mod cabinet;
mod contrast;
mod hand;
mod pictures;
mod ring;
mod source;
mod targets;
mod touch;
mod tree;
