//! A whole hall in this process: real TLS over loopback, real SQLite in a throw-away folder.
//!
//! One file per subject; `support` holds the hall and the stations of the tests, `browser` the clerk.

#![allow(unreachable_pub, reason = "nothing outside this test can reach anything")]

#[cfg(test)]
mod application_form;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cells;
#[cfg(test)]
mod console;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod custody;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod freezes;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod receipt_check;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod staff_card_feed;
#[cfg(test)]
mod staff_cards;
#[cfg(test)]
mod support;
#[cfg(test)]
mod sync;
