//! The station against a real hall over real TLS, real twins of its devices on ptys and a real
//! store.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod devices;
mod room;
mod staff;
mod world;

use std::{fs, path::Path, process::Command};

use hall_api::wire::{Batch, EventEnvelope, SCHEMA};
use kiosk_app::{exit::Exit, limits::Timings};
use kiosk_core::{
    event::{Delivery, SendError},
    view::{Connection, Stage},
};
use kiosk_words::{CaseId, Digest32, Epoch, Seq, StationId};
use world::{Person, QUICK, Way, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_reaches_the_hall_once() {
    let mut world = World::enrolled().await;
    let running = world.station().await;
    let mut person = Person::at(&running, "laonianzheng");
    person.sees_link(Connection::Online).await;
    person.files(&mut world).await;
    person.sees_received().await;
    assert_eq!(world.hall_holds().await, (1, 1));
    assert_eq!(running.stop().await, Exit::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_lost_after_the_commit_makes_no_second_case() {
    let mut world = World::enrolled().await;
    // One heartbeat and one long poll: no lost answer tells the station that the link is down.
    let timings = Timings { heartbeat_every: world::LIMIT, feed_wait: world::LIMIT, ..QUICK };
    let running = world.station_with(timings).await;
    let mut person = Person::at(&running, "wufanzui");
    person.sees_link(Connection::Online).await;
    person.goes_on_until(&mut world, |stage| matches!(stage, Stage::Sign { .. })).await;
    let hall = world.proxy.now();
    let Way::To(address) = hall else { unreachable!("nothing is cut yet") };
    world.proxy.leads(Way::CutAnswers(address));
    let receipt = person.files(&mut world).await;
    world.hall_has(1).await;
    assert!(world::receipt_says(&receipt, "尚未传到大厅"), "the answer was cut: {receipt:?}");
    world.proxy.leads(hall);
    person.sees_received().await;
    assert_eq!(world.hall_holds().await, (1, 1));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hall_down_then_up() {
    let mut world = World::enrolled().await;
    world.hall_goes_down().await;
    let running = world.station().await;
    let mut person = Person::at(&running, "laonianzheng");
    let receipt = person.files(&mut world).await;
    assert!(world::receipt_says(&receipt, "已存本机，尚未传到大厅"), "{receipt:?}");
    assert_eq!(receipt.top.connection, Connection::Offline);
    world.hall_comes_back().await;
    person.sees_received().await;
    assert_eq!(world.hall_holds().await, (1, 1));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgets_nothing() {
    let mut world = World::enrolled().await;
    world.hall_goes_down().await;
    let running = world.station().await;
    Person::at(&running, "laonianzheng").files(&mut world).await;
    assert_eq!(running.stop().await, Exit::Done);
    world.hall_comes_back().await;
    let running = world.station().await;
    world.hall_has(1).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn captive_portal() {
    let mut world = World::enrolled().await;
    let hall = world.proxy.now();
    world.parrot("200 OK", "Content-Type: text/html\r\n", "<html>Please log in.</html>").await;
    let running = world.station().await;
    let mut person = Person::at(&running, "wufanzui");
    let receipt = person.files(&mut world).await;
    assert_eq!(receipt.top.connection, Connection::Offline, "a portal is not the hall");
    world.proxy.leads(hall);
    person.sees_received().await;
    assert_eq!(world.hall_holds().await.0, 1);
    running.stop().await;
}

/// What an answer of the hall means to the core; anything but the contract's JSON means nothing.
#[tokio::test(flavor = "multi_thread")]
async fn only_an_answer_of_the_contract_counts() {
    let world = World::enrolled().await;
    let json = "Content-Type: application/json\r\n";
    let other_event = r#"{"answers":[{"seq":9,"answer":"accepted"}]}"#;
    let unknown = r#"{"answers":[{"seq":1,"answer":"perhaps"}]}"#;
    let gone = r#"{"code":"revoked","message":"the certificate is revoked"}"#;
    let cases = [
        ("429 Busy", "Retry-After: 7\r\n", "", SendError::Later { after_ms: 7_000 }),
        ("426 Upgrade", json, "{}", SendError::HallTooOld),
        ("503 Down", json, "{}", SendError::Unreachable),
        ("200 OK", json, other_event, SendError::Unreachable),
        ("200 OK", json, unknown, SendError::Unreachable),
        ("200 OK", json, "{\"answers\":[", SendError::Unreachable),
        ("200 OK", "", r#"{"answers":[{"seq":1,"answer":"accepted"}]}"#, SendError::Unreachable),
        ("403 No", json, gone, SendError::Unreachable),
        ("302 Found", "Location: https://127.0.0.1/\r\n", "", SendError::Unreachable),
    ];
    for (status, headers, body, expected) in cases {
        world.parrot(status, headers, body).await;
        let error = world.client().deliver(&batch()).await.unwrap_err();
        assert_eq!(error.for_core(), expected, "{status} {body}: {error}");
    }
    world.parrot("200 OK", json, r#"{"answers":[{"seq":1,"answer":"duplicate"}]}"#).await;
    let answers = world.client().deliver(&batch()).await.unwrap();
    assert_eq!(answers, [(Seq(1), Delivery::Duplicate)]);
}

fn batch() -> Batch {
    let event = EventEnvelope {
        seq: Seq(1),
        case: CaseId::new(1, [1; 10]),
        body_hash: Digest32([0; 32]),
        body: "{}".to_owned(),
    };
    let station = StationId::try_from(17).unwrap();
    let epoch = Epoch(uuid::Uuid::from_u128(1));
    Batch { schema: SCHEMA, station, epoch, events: vec![event] }
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_needs_the_right_code_and_happens_once() {
    let world = World::new().await;
    let code = world.code();
    let (secret, fingerprint) = code.rsplit_once('-').unwrap();
    let other_ca = format!("{secret}-{}", "00".repeat(16));
    let refused = world.enrol(&other_ca).await.unwrap_err();
    assert!(refused.sentence.contains("UnknownIssuer"), "{refused}");
    let wrong = format!("00000-00000-{fingerprint}");
    let refused = world.enrol(&wrong).await.unwrap_err();
    assert!(refused.sentence.contains("wrong_code"), "{refused}");
    world.enrol(&code).await.unwrap();
    let again = world.enrol(&world.code()).await.unwrap_err();
    assert!(again.sentence.contains("enrolled already"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_station_answers_over_its_socket_and_refuses_a_second_process() {
    let world = World::enrolled().await;
    let running = world.station().await;
    Person::at(&running, "wufanzui").sees_link(Connection::Online).await;
    let (file, key) = (world.machine_file(), world.station_data().join("station.sock"));
    let asked = tokio::task::spawn_blocking(move || {
        let status = kiosk(&["status"], &file);
        let audit = kiosk(&["audit", "verify"], &file);
        let check = kiosk(&["check"], &file);
        (status, audit, check, kiosk(&["run"], &file))
    });
    let (status, audit, check, second) = asked.await.unwrap();
    assert_eq!((status.0, audit.0, second.0), (0, 0, 3), "{status:?} {audit:?} {second:?}");
    assert!(status.1.contains("running yes") && status.1.contains("hall up"), "{status:?}");
    assert!(audit.1.contains("unbroken"), "{audit:?}");
    assert!(second.1.contains("another process uses this data folder"), "{second:?}");
    assert!(check.1.contains("ok   reader"), "{check:?}");
    assert!(check.1.contains("ok   hall"), "{check:?}");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    running.stop().await;
    assert!(!key.exists());
    let file = world.machine_file();
    let alone = tokio::task::spawn_blocking(move || {
        (kiosk(&["status"], &file), kiosk(&["audit", "verify"], &file))
    });
    let (status, audit) = alone.await.unwrap();
    assert!(status.1.contains("running no"), "{status:?}");
    assert_eq!(audit.0, 0, "{audit:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_person_is_in_no_file_and_no_log() {
    let mut world = World::enrolled().await;
    let fitted = world.fit();
    let running = world.station().await;
    fitted.is_ready(&world).await;
    let mut person = Person::at(&running, "laonianzheng");
    person.sees_link(Connection::Online).await;
    person.files(&mut world).await;
    person.sees_received().await;
    person.sees_printed().await;
    let pictures = running.pictures();
    assert!(!pictures.is_empty(), "the photo was taken");
    // Also while the session is open: the log and every file of the data folder.
    assert_no_canary(&world);
    running.stop().await;
    assert!(pictures.is_empty());
    assert_no_canary(&world);
    let logged = world::logged();
    assert!(logged.contains("station started"), "the log was captured");
}

/// What the chip of the specimen 李秀兰 says.
const CANARY: [&str; 4] = ["李秀兰", "230202195108160", "样本街8号", "19510816"];

fn assert_no_canary(world: &World) {
    let needles: Vec<Vec<u8>> = CANARY.iter().flat_map(|text| encodings(text)).collect();
    let has = |bytes: &[u8]| {
        needles.iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle))
    };
    let logged = world::logged();
    let line = logged.lines().find(|line| has(line.as_bytes()));
    assert_eq!(line, None, "a person in the log");
    let mut n_files = 0;
    visit(&world.station_data(), &mut |path| {
        let name = path.display().to_string();
        assert!(!has(name.as_bytes()), "a person in the name {name}");
        if path.is_file() {
            n_files += 1;
            assert!(!has(&fs::read(path).unwrap()), "a person in {name}");
        }
    });
    assert!(n_files > 5, "the data folder was looked through");
}

fn encodings(text: &str) -> [Vec<u8>; 2] {
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [text.as_bytes().to_vec(), wide]
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        see(&path);
        if path.is_dir() {
            visit(&path, see);
        }
    }
}

/// Runs the real program; exit code and everything it said. Without a display: on one, a station
/// that cannot start would go on telling its visitors so.
pub(crate) fn kiosk(arguments: &[&str], machine: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .args(arguments)
        .arg("--machine")
        .arg(machine)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

#[test]
fn a_broken_machine_toml_is_refused_with_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("machine.toml");
    fs::write(&file, "station = 17\nname = { zh = \"龙沙站\", en = \"Longsha\" }\nphone = 7\n")
        .unwrap();
    for command in ["run", "check", "status"] {
        let (code, said) = kiosk(&[command], &file);
        assert_eq!(code, 2, "{said}");
        let expected = format!("{}:3: phone: invalid type: integer `7`", file.display());
        assert!(said.contains(&expected), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locker_that_does_not_fit_together_is_refused_with_the_line_of_its_cell() {
    let world = World::new().await;
    let text = format!("{}{}", world.machine_text(), world::FITTED);
    world.write_machine(&text.replace("lock = 2,", "lock = 1,"));
    let line = text.lines().position(|line| line.contains("lock = 2,")).unwrap() + 1;
    let file = world.machine_file();
    let expected = format!("{}:{line}: locker.cells.lock: expected that", file.display());
    let ran = tokio::task::spawn_blocking(move || kiosk(&["check"], &file));
    let (code, said) = ran.await.unwrap();
    assert_eq!(code, 2, "{said}");
    assert!(said.contains(&expected), "{said}");
    assert!(said.contains("got doors 01 and 02 on lock 1 of board 1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_not_enrolled_says_so() {
    let world = World::new().await;
    let file = world.machine_file();
    let ran = tokio::task::spawn_blocking(move || kiosk(&["run"], &file));
    let (code, said) = ran.await.unwrap();
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("not enrolled"), "{said}");
}
