//! Printer and locker: their twins on ptys, and the tables of machine.toml that name them.

use std::path::Path;

use device_sim::{
    lock_board::{self, Act, DoorAct, LockBoards},
    port::{self, AtStart, Hand},
    printer::{self, PrinterTwin},
};
use kiosk_app::control::{self, Question};

use super::{LIMIT, QUICK, World};

/// Cells carry the numbers of the twin's doors: twelve on each of two boards.
pub(crate) const FITTED: &str = r#"[receipt_printer]
port = "sim/receipt-printer"
baud = 115200
[locker]
port = "sim/locker"
kept_for_results = 1
boards = [
    { address = 1, channels = 12, polarity = "short_when_locked", byte_order = "high_first" },
    { address = 2, channels = 12, polarity = "short_when_locked", byte_order = "high_first" },
]
cells = [
    { number = 1, board = 1, lock = 1, size = "A4" },
    { number = 2, board = 1, lock = 2, size = "A4" },
    { number = 13, board = 2, lock = 1, size = "A3" },
]
"#;

pub(crate) struct Fitted {
    pub(crate) printer: Hand<PrinterTwin>,
    pub(crate) locker: Hand<LockBoards>,
}

impl World {
    /// Fits the twins of printer and locker and tells machine.toml of them.
    pub(crate) fn fit(&self) -> Fitted {
        let port = |name: &str| self.path().join("sim").join(name);
        let typeface = printer::typeface(Path::new(printer::FONT)).unwrap();
        let twin = PrinterTwin::new(typeface);
        let (printer, _) = port::spawn_twin(
            twin,
            port("receipt-printer"),
            AtStart::Plugged,
            self.stop.child_token(),
        )
        .unwrap();
        let twin = LockBoards::new(lock_board::cabinet().boards());
        let (locker, _) =
            port::spawn_twin(twin, port("locker"), AtStart::Plugged, self.stop.child_token())
                .unwrap();
        self.write_machine(&format!("{}{FITTED}", self.machine_text()));
        Fitted { printer, locker }
    }

    /// What the running station says of itself.
    pub(crate) async fn status(&self) -> Vec<String> {
        control::ask(&self.station_data(), &Question::Status, QUICK).await.unwrap().lines
    }

    /// The running station says all of this of itself.
    pub(crate) async fn until_status(&self, wanted: &[&str]) {
        let says = async {
            loop {
                let lines = self.status().await;
                if wanted.iter().all(|wanted| lines.iter().any(|line| line == wanted)) {
                    return;
                }
            }
        };
        tokio::time::timeout(LIMIT, says).await.unwrap();
    }
}

impl Fitted {
    /// The running station says that printer and boards are ready.
    pub(crate) async fn is_ready(&self, world: &World) {
        world.until_status(&["printer ready", "board 1 ready", "board 2 ready"]).await;
    }

    /// Somebody pushes a door shut, once its bolt is out again.
    pub(crate) async fn push_shut(&self, door: usize) {
        let number = u16::try_from(door).unwrap();
        self.locker.until(|look| !look.device.doors[door - 1].is_unbolted).await.unwrap();
        self.locker.touch(Act::Door(number, DoorAct::PushShut)).await.unwrap();
    }
}
