//! The cabinet: a door being opened, open, shut again, not opening, and the round of staff.

use kiosk_core::view::*;

use super::{Say, page};

/// What lies where in the specimen of the staff map.
const USED: [usize; 5] = [0, 3, 8, 13, 21];
const CLOSED_OFF: [usize; 2] = [5, 16];

/// Columns of four low doors, one of twice and one of three times the height.
const HEIGHTS: [u8; 6] = [1, 1, 1, 1, 2, 3];

fn cell(at: usize, tall: u8, mark: CellMark) -> CellDot {
    CellDot { number: format!("{:02}", at + 1), mark, tall }
}

/// 24 doors; the page is about the third.
fn cabinet() -> Vec<CellDot> {
    let mark = |at| if at == 2 { CellMark::This } else { CellMark::Other };
    let heights = HEIGHTS.iter().cycle().take(24);
    heights.enumerate().map(|(at, tall)| cell(at, *tall, mark(at))).collect()
}

fn door(say: Say, title: (&str, &str), hint: (&str, &str), door: DoorPicture) -> View {
    let mut view = page(
        say,
        Stage::Door {
            title: say.s(title.0, title.1),
            hint: say.s(hint.0, hint.1),
            number: "03".to_owned(),
            size: say.s("A4，厚3厘米以内", "A4, up to 3 cm thick"),
            door,
            map: cabinet(),
            trouble: None,
            other: None,
        },
    );
    view.left = None;
    view.timeout = TimeoutClass::Held;
    view
}

pub(super) fn opening(say: Say) -> View {
    door(
        say,
        ("正在打开 03 格", "Opening cell 03"),
        ("大约 2 秒。门会弹开一点，请拉开。", "About two seconds. The door springs open a little."),
        DoorPicture::Opening,
    )
}

pub(super) fn deposit(say: Say) -> View {
    let mut view = door(
        say,
        ("03 格开了，请放进去", "Cell 03 is open, please put it in"),
        (
            "把装好的信封平放进去，再把门推到底，听到“咔”一声。",
            "Lay the sealed envelope inside, then push the door until it clicks.",
        ),
        DoorPicture::Open,
    );
    if let Stage::Door { other, .. } = &mut view.stage {
        *other = Some(say.act("放不下，换大一点的", "It does not fit: a larger one", Intent::No));
    }
    view
}

pub(super) fn asked(say: Say) -> View {
    let mut view = door(
        say,
        ("都放进去了吗？", "Is everything inside?"),
        ("03 格的门关好了。", "The door of cell 03 is shut."),
        DoorPicture::Shut,
    );
    if let Stage::Door { other, .. } = &mut view.stage {
        *other = Some(say.act("再开一次", "Open it once more", Intent::No));
    }
    view.right = Some(say.act("都放进去了", "Yes, everything", Intent::Yes));
    view
}

pub(super) fn collect(say: Say) -> View {
    let mut view = door(
        say,
        ("03 格开了，请取走", "Cell 03 is open, please take it"),
        (
            "取出信封，再把门推到底，听到“咔”一声。",
            "Take the envelope, then push the door until it clicks.",
        ),
        DoorPicture::Open,
    );
    view.top.title = say.s("取件", "Collect");
    view.top.connection = Connection::Offline;
    view.top.connection_text = say.s("未联网 · 可取件", "Off line · collecting works");
    view
}

/// A cabinet with many doors, and every line that a page of a door can have.
pub(super) fn trouble(say: Say) -> View {
    let mut view = door(
        say,
        ("03 格没有打开", "Cell 03 did not open"),
        (
            "东西还在里面，记录没有变。请轻推一下门，再开一次。",
            "What lies inside is safe and nothing was recorded. Push the door a little, try again.",
        ),
        DoorPicture::Shut,
    );
    if let Stage::Door { map, trouble, other, .. } = &mut view.stage {
        let mark = |at| if at == 2 { CellMark::This } else { CellMark::Other };
        *map = (0..48).map(|at| cell(at, 1, mark(at))).collect();
        *trouble = Some(Banner {
            tone: Tone::Bad,
            text: say.s(
                "门锁没有弹开。还不行，请打 0452-0000000，说“03 格打不开”。",
                "The lock did not spring. If it fails again, call 0452-0000000 about cell 03.",
            ),
        });
        *other = Some(say.act("再开一次", "Open it once more", Intent::Yes));
    }
    view.left = say.leave();
    view
}

/// A station whose cabinet has no picture.
pub(super) fn plain(say: Say) -> View {
    let mut view = collect(say);
    if let Stage::Door { map, .. } = &mut view.stage {
        map.clear();
    }
    view
}

pub(super) fn staff(say: Say) -> View {
    let mut view = door(
        say,
        ("柜内一览", "The cabinet"),
        (
            "纸：里面有东西。叉：还没有查看，或已封存（待核实）。",
            "A sheet: something lies there. A cross: not looked into, or closed off.",
        ),
        DoorPicture::Shut,
    );
    if let Stage::Door { number, size, map, other, .. } = &mut view.stage {
        number.clear();
        size.clear();
        for (at, cell) in map.iter_mut().enumerate() {
            cell.mark = if USED.contains(&at) {
                CellMark::Used
            } else if CLOSED_OFF.contains(&at) {
                CellMark::ClosedOff
            } else {
                CellMark::Other
            };
        }
        *other = Some(say.act("查看一个格口", "Look into a cell", Intent::Next));
    }
    view.top.title = say.s("工作人员", "Staff");
    view.left = say.leave();
    view
}
