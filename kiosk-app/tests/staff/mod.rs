//! Staff cards, from `cardtool` to an open door: real pcscd with a virtual reader, real hall, real
//! twins, the real programs.
//!
//! The test runs again as a child in a namespace in which pcscd is; the child does everything, on
//! real time, and says so at its end.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use device_sim::smart_card::{
    Chip,
    piv::PivChip,
    reader::{READER, VirtualReader, test_again_inside},
    specimen::chip,
};
use hall_api::wire::{CellReport, CellUse};
use hall_server::{Clock, staff_card_code};
use image::{GenericImage as _, GrayImage, Luma};
use kiosk_core::view::{DoorPicture, Intent, Stage, View};
use kiosk_words::{ReceiptNo, StaffRole, StationId};
use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use super::world::{Fitted, Person, World, form_errors};

/// Set for the child only: its folder.
const FOLDER: &str = "NIGHTDESK_STAFF_FOLDER";
const DONE: &str = "all was played with real staff cards";
const PIN: &str = "271828";
/// A code of the right shape, of no hall.
const NO_CODE: &str = "AAAAA-BBBBB-00000000000000000000000000000000";

#[test]
fn staff_cards_are_made_and_open_doors() {
    let folder = tempfile::tempdir().unwrap();
    let output = test_again_inside("staff::child_plays_in_a_namespace", FOLDER, folder.path());
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(DONE), "{said}\n{errors}");
}

#[test]
fn child_plays_in_a_namespace() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut reader = VirtualReader::start(folder.as_ref()).unwrap();
    runtime.block_on(play(&mut reader));
    println!("{DONE}");
}

async fn play(reader: &mut VirtualReader) {
    let mut world = World::enrolled().await;
    let fitted = world.fit();
    let machine = std::fs::read_to_string(world.machine_file()).unwrap();
    world.write_machine(&format!("{machine}[chip_cards]\nreader = \"{READER}\"\n"));
    cards_that_are_refused(&world, reader).await;
    let manager = made(&world, reader, "2001", StaffRole::Manager).await;
    let courier = made(&world, reader, "1001", StaffRole::Courier).await;
    let running = world.station().await;
    fitted.is_ready(&world).await;
    world.until_status(&["card slot ready", "staff cards ready"]).await;
    let mut person = Person::at(&running, "laonianzheng");
    let manager = a_door_opens(&world, &fitted, &mut person, reader, manager).await;
    codes_under_the_camera(&mut world, &mut person, reader, courier).await;
    taken_back(&world, &mut person, reader, manager).await;
    running.stop().await;
}

// ---- making cards ----

/// The card in the reader is made one of this person; what the tool said.
async fn make(world: &World, staff: &str, role: StaffRole, pin: &str) -> (i32, String) {
    let code = staff_card_code(&world.hall_data(), staff, role, &Clock::system()).unwrap();
    let hall = format!("https://{}", world.stations());
    let pin = format!("{pin}\n");
    let make = move || piped(&["make", "--hall", &hall, "--code", &code, "--reader", READER], &pin);
    tokio::task::spawn_blocking(make).await.unwrap()
}

/// A card as delivered, made one of this person.
async fn made(
    world: &World,
    reader: &mut VirtualReader,
    staff: &str,
    role: StaffRole,
) -> Box<dyn Chip> {
    reader.slot.put_in(staff, Box::new(PivChip::new(staff))).unwrap();
    let (exit, said) = make(world, staff, role, PIN).await;
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains(&format!("this is the card of {staff}, {role}")), "{said}");
    assert!(!said.contains(PIN), "{said}");
    another_host_understands(reader, staff).await;
    // Not twice: it is somebody's now.
    let (exit, said) = make(world, staff, role, PIN).await;
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("not as it was delivered (it holds a certificate)"), "{said}");
    reader.slot.take_out().unwrap()
}

/// Two programs that know PIV from elsewhere: OpenSC finds the certificate, Yubico's tool types the
/// PIN and has its key sign, and holds the signature against the certificate.
async fn another_host_understands(reader: &VirtualReader, staff: &str) {
    let before = reader.slot.look().n_commands;
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("certificate").display().to_string();
    let read = ["--read-certificate", "01", "--output", &certificate];
    let sign = ["--reader", "Virtual", "--action", "verify-pin", "--pin", PIN];
    let check = ["--action", "test-signature", "--slot", "9a", "--input", &certificate];
    for (program, arguments, expected) in [
        ("pkcs15-tool", read.to_vec(), ""),
        ("openssl", vec!["x509", "-in", &certificate, "-noout", "-subject"], staff),
        ("yubico-piv-tool", [sign, check].concat(), "Successful ECDSA verification"),
    ] {
        let output = tokio::process::Command::new(program).args(&arguments).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.contains(expected), "{program}: {said}");
    }
    assert!(reader.slot.look().n_commands > before, "the card was asked");
}

async fn cards_that_are_refused(world: &World, reader: &mut VirtualReader) {
    let mut other_pin = PivChip::new("other PIN");
    other_pin.set_pin("654321");
    let cases: [(Box<dyn Chip>, &str, &str); 4] = [
        (chip("social_zhang_san").unwrap(), PIN, "expected a PIV card"),
        (Box::new(other_pin), PIN, "not as it was delivered (PIN)"),
        (Box::new(PivChip::new("guessed")), "123456", "expected a PIN of 6 to 8 digits"),
        (Box::new(PivChip::new("short")), "12", "expected a PIN of 6 to 8 digits"),
    ];
    for (chip, pin, said) in cases {
        reader.slot.put_in("a card", chip).unwrap();
        let (exit, told) = make(world, "3001", StaffRole::Guard, pin).await;
        assert_eq!(exit, 1, "{told}");
        assert!(told.contains(said), "{said}: {told}");
        assert!(!told.contains("do not hand this card out"), "nothing was changed: {told}");
        let memory = reader.slot.take_out().and_then(|chip| chip.memory());
        let has_no_key = memory.is_none_or(|memory| memory.contains(r#""keys":{}"#));
        assert!(has_no_key, "{said}: a key was made");
    }
    // A code that the hall does not know leaves a card that nobody may have.
    reader.slot.put_in("no code", Box::new(PivChip::new("no code"))).unwrap();
    let code = staff_card_code(&world.hall_data(), "3001", StaffRole::Guard, &Clock::system());
    let code = code.unwrap();
    let (_, after_the_first_group) = code.split_once('-').unwrap();
    let wrong = format!("00000-{after_the_first_group}");
    let hall = format!("https://{}", world.stations());
    let make =
        move || piped(&["make", "--hall", &hall, "--code", &wrong, "--reader", READER], "271828\n");
    let (exit, told) = tokio::task::spawn_blocking(make).await.unwrap();
    assert_eq!(exit, 1, "{told}");
    assert!(told.contains("do not hand this card out: give it back"), "{told}");
    reader.slot.take_out();
}

#[test]
fn a_terminal_asks_twice_and_shows_nothing() {
    let make = ["make", "--hall", "https://127.0.0.1:1", "--code", NO_CODE, "--reader", "none"];
    let (exit, said, shown) = typed(&make, [PIN, "271829"]);
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("not the same"), "{said}");
    assert_eq!(shown.trim(), "", "the terminal showed the typing");
    let (exit, said, shown) = typed(&make, [PIN, PIN]);
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("pcscd") && !said.contains(PIN), "{said}");
    assert_eq!(shown.trim(), "", "the terminal showed the typing");
}

#[test]
fn a_pin_is_no_argument_and_a_code_is_whole() {
    let make = ["make", "--hall", "https://127.0.0.1:1", "--reader", "none"];
    let with = |more: &[&str]| piped(&[&make[..], more].concat(), "271828\n");
    let (exit, said) = with(&["--code", NO_CODE, "--pin", PIN]);
    assert_eq!(exit, 2, "{said}");
    let (exit, said) = with(&["--code", "AAAAA-BBBBB"]);
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("the code is not complete"), "{said}");
}

// ---- at the station ----

/// From the sleeping screen to the page of the PIN.
async fn card_in(person: &mut Person, reader: &mut VirtualReader, chip: Box<dyn Chip>) -> View {
    person.opens_staff_page().await;
    reader.slot.put_in("staff", chip).unwrap();
    let is_form = |view: &View| matches!(view.stage, Stage::Form { .. });
    (*person.sees("the page of the PIN", is_form).await).clone()
}

async fn card_out(person: &mut Person, reader: &mut VirtualReader) -> Box<dyn Chip> {
    let chip = reader.slot.take_out().unwrap();
    let is_attract = |view: &View| matches!(view.stage, Stage::Attract { .. });
    person.sees("the sleeping screen, without its holder", is_attract).await;
    chip
}

/// A wrong PIN, the right one, an open door, and what the hall sees of it.
async fn a_door_opens(
    world: &World,
    fitted: &Fitted,
    person: &mut Person,
    reader: &mut VirtualReader,
    chip: Box<dyn Chip>,
) -> Box<dyn Chip> {
    world.hall_sees_cells(|cells| cells.len() == 3 && cells[2].state == CellUse::Unknown).await;
    let sign = card_in(person, reader, chip).await;
    let refused = person.signs_in(&sign, "314159").await;
    assert!(form_errors(&refused).contains("密码不对"), "{refused:?}");
    let round = person.signs_in(&refused, PIN).await;
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
    card_out(person, reader).await
}

/// One is read, two are not.
async fn codes_under_the_camera(
    world: &mut World,
    person: &mut Person,
    reader: &mut VirtualReader,
    chip: Box<dyn Chip>,
) {
    let sign = card_in(person, reader, chip).await;
    let round = person.signs_in(&sign, PIN).await;
    let mut page = person.goes(&round, Intent::Choose("put".to_owned())).await;
    let receipt = ReceiptNo::new(StationId::try_from(17).unwrap(), 3).unwrap();
    let ours = format!("ND2.{}.result.1", receipt.digits());
    for (codes, said) in [
        (vec![], "没有看到码"),
        (vec![ours.as_str(), "ND2.00170000000148.result.1"], "没有看到码"),
        (vec!["https://example.invalid"], "不是本站的号码"),
    ] {
        lay(world, &codes);
        page = scans(person, &page).await;
        assert!(form_errors(&page).contains(said), "{codes:?}: {page:?}");
    }
    lay(world, &[&ours]);
    let denied = scans(person, &page).await;
    assert!(matches!(denied.stage, Stage::Message { .. }), "no such case here: {denied:?}");
    card_out(person, reader).await;
}

/// A new card of the same person takes the old one back, at every station.
async fn taken_back(
    world: &World,
    person: &mut Person,
    reader: &mut VirtualReader,
    old: Box<dyn Chip>,
) {
    let new = made(world, reader, "2001", StaffRole::Manager).await;
    person.opens_staff_page().await;
    reader.slot.put_in("the old card", old).unwrap();
    let is_refused = |view: &View| {
        let Stage::Card { trouble: Some(trouble), .. } = &view.stage else { return false };
        trouble.text.contains("已被大厅停用")
    };
    let refused = person.sees("that the hall has taken it back", is_refused).await;
    person.touches(refused.revision, Intent::Leave);
    reader.slot.take_out();
    let is_free =
        |view: &View| matches!(view.stage, Stage::Attract { .. }) && view.banner.is_none();
    person.sees("the sleeping screen, the slot empty", is_free).await;
    let sign = card_in(person, reader, new).await;
    let round = person.signs_in(&sign, PIN).await;
    assert!(matches!(round.stage, Stage::Choose { .. }), "{round:?}");
    card_out(person, reader).await;
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

// ---- running the tool ----

/// Runs `cardtool ARGUMENTS` with this text in a pipe; exit code and everything it said.
fn piped(arguments: &[&str], input: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cardtool"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A tool that refuses before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

/// The same with a terminal at standard input; what the terminal showed of the typing comes too.
fn typed(arguments: &[&str], keys: [&str; 2]) -> (i32, String, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cardtool"))
        .args(arguments)
        .stdin(terminal)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut master, mut said) = (File::from(master), child.stderr.take().unwrap());
    let mut heard = String::new();
    for (prompt, key) in ["PIN: ", "PIN again: "].into_iter().zip(keys) {
        // Only when it asks: what was typed before is thrown away.
        while !heard.ends_with(prompt) {
            let mut byte = [0];
            said.read_exact(&mut byte).unwrap();
            heard.push(char::from(byte[0]));
        }
        master.write_all(format!("{key}\n").as_bytes()).unwrap();
    }
    said.read_to_string(&mut heard).unwrap();
    let output = child.wait_with_output().unwrap();
    heard.push_str(&String::from_utf8(output.stdout).unwrap());
    // The program has ended, so what was echoed is there, and then the terminal is gone.
    let mut shown = Vec::new();
    let _ = master.read_to_end(&mut shown);
    (output.status.code().unwrap_or(-1), heard, String::from_utf8(shown).unwrap())
}
