//! The larger accidents: the power goes, or the station gets another disk.

use device_sim::{
    lock_board::{BoardAct, Power},
    printer,
    reader::Act,
};
use kiosk_core::event::Recovered;
use kiosk_words::{Epoch, WallTime};

use super::World;
use crate::{
    beside::{self, Ended},
    cabinet::BOARDS,
    store::{CommitOnCrash, ModelStore},
};

/// Receipt numbers that the hall hands out when a station is set up.
const BLOCK: u32 = 1_000;

impl World {
    /// The power is cut and comes back: station and devices start anew, the doors stay as they are.
    pub fn power_fails(&mut self, commit: CommitOnCrash) {
        self.devices_lose_power();
        self.ended = Ended::PowerCut;
        self.crashes_and_restarts_with(commit);
    }

    fn devices_lose_power(&mut self) {
        let now = self.clock.now_ms();
        self.reader.touch(Act::PowerCycle, now);
        if self.config.has_printer {
            self.printer.touch(printer::Act::PowerCycle, now);
            for board in BOARDS {
                self.cabinet.board(board, BoardAct::SetPower(Power::Off), now);
                self.cabinet.board(board, BoardAct::SetPower(Power::On), now);
            }
        }
    }

    pub(crate) fn compare_stores(&mut self, model: &Recovered) {
        let now = WallTime(self.clock.true_time().0);
        let ended = std::mem::replace(&mut self.ended, Ended::Killed);
        let Some(beside) = &mut self.beside else { return };
        let verdict = beside.starts(ended, now).and_then(|real| beside::differ(model, &real));
        self.hold("receipted_case_survives", verdict);
    }

    /// The disk is dead and the station is set up again on a new one: the same number, a new store,
    /// a new epoch. What the old disk had not sent is gone with it, and nobody has looked into a
    /// cell.
    pub fn gets_a_new_disk(&mut self) {
        let n = self.former.len() as u128 + 1;
        let epoch = Epoch(uuid::Uuid::from_u128(self.config.epoch.0.as_u128() + (n << 96)));
        let first = self.store.first_free_receipt();
        let (station, _) = self.store.identity();
        let fresh = ModelStore::new(station, epoch, self.clock.true_time());
        let fresh = fresh.begins_with(first, first + BLOCK);
        self.former.push(std::mem::replace(&mut self.store, fresh));
        self.config.epoch = epoch;
        self.beside = None;
        self.checked = None;
        self.witness.receipts_shown.clear();
        self.witness.note(self.clock.now_ms(), "---- the station gets a new disk ----");
        self.crashes_and_restarts();
    }
}
