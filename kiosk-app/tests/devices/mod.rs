//! A slip, a door, a code: through the whole program to the twin at the end of the wire.

use device_sim::{
    lock_board::{Act, BoardAct, Power},
    printer,
};
use kiosk_app::exit::Exit;
use kiosk_core::view::{Connection, Intent, Stage, View};

use super::{
    kiosk,
    world::{self, Fitted, Person, World},
};

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
