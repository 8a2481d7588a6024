//! What the station decides.
//!
//! Sans-IO: [`Station::handle`] takes an [`Event`] and the time and returns [`Effect`]s, each with
//! an id that is answered exactly once. No clock, thread, file, device or randomness of its own,
//! so the whole life of the station runs in a test on virtual time from one seed.
//!
//! What is absent on purpose: pixels (an [`view::ImageId`] with facts stands for a picture),
//! bytes of devices, SQL, keys, HTTP. Texts for people are here, in [`words`], because the
//! choice of a sentence is a decision (rules R8, R13).

pub mod application;
pub mod custody;
pub mod diagnosis;
pub mod effect;
pub mod event;
pub mod focus;
pub mod keys;
pub mod out_of_service;
pub mod print;
pub mod readiness;
pub mod record;
pub mod room;
pub mod screens;
pub mod services;
pub mod session;
pub mod slips;
pub mod staff_card;
pub mod station;
pub mod sync;
pub mod view;
pub mod words;

pub use effect::{Effect, EffectId};
pub use event::{Event, Recovered};
pub use station::{Config, Station};
