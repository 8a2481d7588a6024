//! The composition root of the station: wiring, no decisions.
//!
//! Everything that is decided is decided by `kiosk_core::Station`. This crate carries events to
//! it and performs its effects, in order, each answered exactly once: store thread, pages of a
//! session, id reader, printer, locker, room, keypad, speech, hall, screen, clock, the station's own
//! socket, enrolment, staff.
//!
//! What is absent on purpose: a choice of a sentence, a retry of an effect, a back-off of the
//! outbox, SQL, bytes of a device protocol.

mod answer;
pub mod become_command;
pub mod camera;
pub mod cardtool;
pub mod catalogue;
pub mod check;
pub mod chip_slot;
pub mod cli;
pub mod clock;
pub mod code;
pub mod config;
pub mod control;
pub mod device_task;
pub mod dumps;
pub mod enrol;
pub mod exit;
pub mod export;
pub mod fonts;
pub mod forms_command;
pub mod hall;
pub mod keypad;
pub mod limits;
pub mod locker;
pub mod logging;
pub mod out_of_service;
pub mod pages;
pub mod parts;
pub mod photo_decoder;
pub mod pin;
pub mod printer;
pub mod reader;
pub mod report;
pub mod room;
pub mod run;
pub mod scanner;
pub mod shell;
pub mod slips;
pub mod speech;
pub mod store_thread;
pub mod window;
