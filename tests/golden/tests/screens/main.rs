//! What the screen looks like, says and lets a finger do, without a display.

mod contrast;
mod pictures;
mod source;
mod targets;
mod touch;
mod tree;
