//! The cabinet of every world with one: which cells there are, and how they are wired.

use device_api::locker::DoorNo;
use kiosk_core::custody::CellPlan;
use kiosk_words::CellSize;
use locker_controller::{BoardProfile, ByteOrder, Cabinet, Polarity};

/// Doors on each of the two boards.
const N_DOORS_OF_BOARD: u8 = 4;
/// Addresses of the boards.
pub const BOARDS: [u8; 2] = [1, 2];

pub fn door(number: u16) -> DoorNo {
    DoorNo::new(number).expect("doors are numbered from 1")
}

/// Eight cells: six for A4, two larger.
pub fn plan() -> Vec<CellPlan> {
    let size = |n: u16| match n {
        1..=6 => CellSize::A4,
        7 => CellSize::A4Thick,
        _ => CellSize::A3,
    };
    (1..=8).map(|n| CellPlan { door: door(n), size: size(n) }).collect()
}

/// Four doors on each board: 1 to 4 on board 1, 5 to 8 on board 2.
pub(crate) fn wiring() -> Cabinet {
    let board = |address| {
        let (polarity, order) = (Polarity::ShortWhenLocked, ByteOrder::HighFirst);
        BoardProfile::new(address, N_DOORS_OF_BOARD, polarity, order).expect("four channels")
    };
    Cabinet::in_order(BOARDS.map(board).to_vec()).expect("every door has its lock")
}

pub(crate) const fn board_of(door: DoorNo) -> u8 {
    if door.get() <= N_DOORS_OF_BOARD as u16 { 1 } else { 2 }
}
