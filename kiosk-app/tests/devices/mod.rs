//! A slip, a door, a code: through the whole program to the twin at the end of the wire.

use device_sim::{
    lock_board::{Act, BoardAct, Power},
    printer,
};
use hall_api::wire::{CellReport, CellUse};
use image::{GenericImage as _, GrayImage, Luma};
use kiosk_app::{check::alone, control::Question, exit::Exit, staff::Change};
use kiosk_core::{
    event::StaffRole,
    view::{Connection, DoorPicture, Intent, Stage, View},
};
use kiosk_words::{Private, ReceiptNo, StationId};

use super::{
    kiosk,
    world::{self, Fitted, Person, World, form_errors},
};

const STAFF: &str = "2001";
const PIN: &str = "271828";

async fn register(world: &World, role: StaffRole) {
    let setup = world.setup(world::QUICK);
    let change = Change::Add { id: STAFF.to_owned(), role, pin: Private::text(PIN) };
    let question = Question::Staff(change);
    let report = alone(&setup.machine, &setup.store_key, question, setup.timings).await.unwrap();
    assert_eq!(report.exit, Exit::Done, "{report:?}");
}

async fn fitted() -> (World, Fitted) {
    let world = World::enrolled().await;
    let fitted = world.fit();
    (world, fitted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_comes_out_once_and_is_known_to_have() {
    let (mut world, fitted) = fitted().await;
    let running = world.station().await;
    fitted.is_ready(&world).await;
    let mut person = Person::at(&running, "laonianzheng");
    person.sees_link(Connection::Online).await;
    let receipt = person.files(&mut world).await;
    let Stage::Receipt { number, qr, .. } = &receipt.stage else { unreachable!("filed") };
    person.sees_printed().await;
    let look = fitted.printer.look().await.unwrap();
    let printed: Vec<_> =
        look.device.papers.iter().filter(|paper| paper.text().contains("收件凭证")).collect();
    let [slip] = printed.as_slice() else { panic!("{} receipts", printed.len()) };
    assert_eq!(slip.end, printer::paper::End::Cut);
    let text = slip.text();
    assert!(text.contains(number.as_str()), "{text}");
    assert!(text.contains("已存本机") && !text.contains("李秀兰"), "{text}");
    let code = printer::paper::Entry::Code { text: qr.clone() };
    assert!(slip.entries.contains(&code), "{:?}", slip.entries);
    assert_eq!(running.stop().await, Exit::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_that_cannot_be_printed_is_said_so_and_asked_for_again() {
    let (mut world, fitted) = fitted().await;
    let running = world.station().await;
    fitted.is_ready(&world).await;
    let mut person = Person::at(&running, "laonianzheng");
    let open = printer::Act::SetCover(printer::Cover::Open);
    fitted.printer.touch(open).await.unwrap();
    world.until_status(&["printer cover_open"]).await;
    let receipt = person.files(&mut world).await;
    assert!(world::banner(&receipt).contains("没有打印"), "{:?}", receipt.banner);
    fitted.printer.touch(printer::Act::SetCover(printer::Cover::Closed)).await.unwrap();
    let has_print = |view: &View| {
        let print = Intent::Choose("print".to_owned());
        view.left.as_ref().is_some_and(|left| left.intent == print)
    };
    let again = person.sees("再打印一张", has_print).await;
    person.goes(&again, Intent::Choose("print".to_owned())).await;
    person.sees_printed().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_opens_for_a_pin_and_the_hall_sees_what_was_found() {
    let (world, fitted) = fitted().await;
    register(&world, StaffRole::Manager).await;
    let running = world.station().await;
    fitted.is_ready(&world).await;
    world.hall_sees_cells(|cells| cells.len() == 3 && cells[2].state == CellUse::Unknown).await;
    let mut person = Person::at(&running, "laonianzheng");
    let sign = person.opens_staff_page().await;
    let refused = person.signs_in(&sign, STAFF, "314159").await;
    assert!(form_errors(&refused).contains("密码不对"), "{refused:?}");
    let round = person.signs_in(&refused, STAFF, PIN).await;
    assert!(matches!(round.stage, Stage::Choose { .. }), "{round:?}");

    person.touches(round.revision, Intent::Choose("look:13".to_owned()));
    person.sees("an open door", |view| door(view) == Some(DoorPicture::Open)).await;
    let doors = fitted.locker.look().await.unwrap().device.doors;
    let open: Vec<u16> = doors.iter().filter(|door| door.is_open).map(|door| door.door).collect();
    assert_eq!(open, [13], "this door and no other");
    assert_eq!(doors.iter().map(|door| door.n_pulses).sum::<u32>(), 1, "asked once");
    fitted.push_shut(13).await;
    let is_asked = |view: &View| door(view) == Some(DoorPicture::Shut) && view.right.is_some();
    let asked = person.sees("空的？", is_asked).await;
    person.touches(asked.revision, Intent::Next);
    person.sees("the round again", |view| matches!(view.stage, Stage::Choose { .. })).await;
    let found = |door: u16, state: CellUse| {
        move |cells: &[CellReport]| {
            cells.iter().any(|cell| {
                (cell.door, cell.state, cell.door_state.as_str()) == (door, state, "shut")
            })
        }
    };
    world.hall_sees_cells(found(13, CellUse::Empty)).await;
    world.hall_sees_cells(found(1, CellUse::Unknown)).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_under_the_camera_is_read_and_two_are_not() {
    let (mut world, fitted) = fitted().await;
    register(&world, StaffRole::Courier).await;
    let running = world.station().await;
    fitted.is_ready(&world).await;
    let mut person = Person::at(&running, "laonianzheng");
    let sign = person.opens_staff_page().await;
    let round = person.signs_in(&sign, STAFF, PIN).await;
    let mut page = person.goes(&round, Intent::Choose("put".to_owned())).await;
    let receipt = ReceiptNo::new(StationId::try_from(17).unwrap(), 3).unwrap();
    let ours = format!("ND2.{}.result.1", receipt.digits());
    for (codes, said) in [
        (vec![], "没有看到码"),
        (vec![ours.as_str(), "ND2.00170000000148.result.1"], "没有看到码"),
        (vec!["https://example.invalid"], "不是本站的号码"),
    ] {
        lay(&mut world, &codes);
        page = scans(&mut person, &page).await;
        assert!(form_errors(&page).contains(said), "{codes:?}: {page:?}");
    }
    lay(&mut world, &[&ours]);
    let denied = scans(&mut person, &page).await;
    assert!(matches!(denied.stage, Stage::Message { .. }), "no such case here: {denied:?}");
    running.stop().await;
}

/// Touches 扫码 and waits for what comes of it.
async fn scans(person: &mut Person, page: &View) -> std::sync::Arc<View> {
    let reading = person.goes(page, Intent::Choose("scan".to_owned())).await;
    let is_over = |view: &View| {
        let idle = view.right.is_some() || !matches!(view.stage, Stage::Form { .. });
        view.revision >= reading.revision && idle
    };
    person.sees("the end of the scan", is_over).await
}

#[tokio::test(flavor = "multi_thread")]
async fn check_has_a_row_for_the_printer_and_for_each_board() {
    let (world, fitted) = fitted().await;
    let file = world.machine_file();
    // The second board is built in and has no power.
    let second = locker_controller::Address::new(2).unwrap();
    let off = Act::Board(second, BoardAct::SetPower(Power::Off));
    fitted.locker.touch(off).await.unwrap();
    let alone = {
        let file = file.clone();
        tokio::task::spawn_blocking(move || kiosk(&["check"], &file)).await.unwrap()
    };
    for row in ["ok   slips", "ok   printer", "ok   board 1", "BAD  board 2"] {
        assert!(alone.1.contains(row), "{row}: {}", alone.1);
    }
    assert!(alone.1.contains("locker: silent"), "{}", alone.1);
    let running = world.station().await;
    world.until_status(&["board 2 silent"]).await;
    world.until_status(&["printer ready"]).await;
    let beside = tokio::task::spawn_blocking(move || kiosk(&["check"], &file)).await.unwrap();
    for row in ["ok   printer", "ok   board 1", "BAD  board 2"] {
        assert!(beside.1.contains(row), "{row}: {}", beside.1);
    }
    running.stop().await;
}

fn door(view: &View) -> Option<DoorPicture> {
    let Stage::Door { door, .. } = &view.stage else { return None };
    Some(*door)
}

/// A page with these codes on it; without one the desk is empty.
fn lay(world: &mut World, codes: &[&str]) {
    world.desk.clear().unwrap();
    let file = world.path().join("sim/camera/current.png");
    if file.exists() {
        std::fs::remove_file(&file).unwrap();
    }
    let mut page = GrayImage::from_pixel(1_240, 1_754, Luma([225]));
    for (n, text) in (0..).zip(codes) {
        let code = qrcode::QrCode::new(text).unwrap();
        let (side, colors) = (u32::try_from(code.width()).unwrap(), code.to_colors());
        let picture = GrayImage::from_fn(side * 6, side * 6, |x, y| {
            let dark = colors[(y / 6 * side + x / 6) as usize] == qrcode::Color::Dark;
            Luma([if dark { 30 } else { 225 }])
        });
        page.copy_from(&picture, 100, 100 + n * 600).unwrap();
    }
    if !codes.is_empty() {
        page.save(file).unwrap();
    }
}
