//! Chip photos through real programs in the real sandbox: the demo decoder beside the twin, and
//! small programs that do what a decoder must not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod programs;

use std::{
    fs::{self, File},
    net::TcpListener,
    os::fd::AsRawFd as _,
    path::Path,
    process::Command,
    time::Duration,
};

use device_api::{
    RequestId,
    chip_photo::{BLOCK_LEN, HEIGHT_PX, Refusal, WIDTH_PX},
    id_reader::{Event, ReadWhat, Reply, Request},
};
use device_drivers::{
    clock::Clock,
    id_reader::{Baud, Config, spawn, timings::PRODUCTION},
};
use device_sim::{
    face,
    port::{self, AtStart},
    reader::Act,
    specimen,
};
use kiosk_app::{limits::PHOTO_BYTES_MAX, photo_decoder::PhotoDecoder};
use kiosk_words::Private;
use programs::{COULD_NOT, KIOSK, Shelf, block, bmp, decoder, demo_decoder, is_running};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// For a program that ends by itself or by another limit.
const PATIENT: Duration = Duration::from_secs(30);
/// For one that never ends.
const SHORT: Duration = Duration::from_millis(1_500);

const GIVES_A_PICTURE: &str = "#!/bin/sh\nexec cat \"${0%/*}/picture.bmp\"\n";

/// What the driver reads from a specimen's card on the twin, over a pty.
async fn block_on_card(of: &str) -> Private<Vec<u8>> {
    let (folder, stop) = (tempfile::tempdir().unwrap(), CancellationToken::new());
    let _ends_both = stop.clone().drop_guard();
    let port = folder.path().join("id-reader");
    let (hand, _) = port::spawn(port.clone(), AtStart::Plugged, stop.clone()).unwrap();
    let config = Config { port, baud: Baud::B115200, timings: PRODUCTION };
    let (driver, mut said) = spawn(config, Clock::start(), stop.clone());
    hand.touch(Act::Lay(Box::new(specimen::card(of).unwrap()))).await.unwrap();
    let what = ReadWhat { photo: true, fingerprint: false, new_address: false };
    driver.ask(RequestId(1), Request::Read(what)).unwrap();
    let read = async {
        loop {
            if let Event::Done(_, Reply::Card(card)) = said.recv().await.unwrap() {
                return card.photo.expect("it was asked for");
            }
        }
    };
    timeout(LIMIT, read).await.unwrap()
}

/// Sum of the distances of all channels.
fn distance(one: &[u8], other: &[u8]) -> u64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
}

#[tokio::test]
async fn the_picture_of_a_card_on_the_reader_shows_its_owner() {
    let shelf = demo_decoder();
    let decoder = decoder(shelf.path("program"), &["RIFF"], PATIENT, KIOSK);
    for (card, person) in [("li_xiulan", "li_xiulan"), ("foreign_2023", "foreign")] {
        let picture = decoder.decode(&block_on_card(card).await).await.unwrap();
        let far = |face| distance(picture.rgb.expose(), face::drawn(face).unwrap().as_raw());
        let nearest = face::persons().min_by_key(|face| far(face));
        assert_eq!(nearest, Some(person));
        let others = face::persons().filter(|face| *face != person).map(far);
        assert!(far(person) * 2 < others.min().unwrap(), "{person} is hard to tell");
        assert_eq!(format!("{picture:?}"), "Picture { rgb: <private> }");
    }
}

#[tokio::test]
async fn a_real_cards_block_needs_the_vendors_decoder() {
    let (shelf, real) = (demo_decoder(), block_on_card("zhang_san").await);
    let demo = |reads: &[&str]| decoder(shelf.path("program"), reads, PATIENT, KIOSK);
    let refused = demo(&["RIFF"]).decode(&real).await;
    assert_eq!(refused, Err(Refusal::NeedsVendor));
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("needs the vendor's decoder"), "{words}");
    // Told that it reads them, the demo decoder is asked, and refuses by itself.
    assert_eq!(demo(&["RIFF", "WL"]).decode(&real).await, Err(Refusal::Exited { code: 3 }));
}

#[tokio::test]
async fn a_block_that_no_fitted_program_reads_starts_none() {
    let none = PhotoDecoder::new(None, PATIENT, KIOSK);
    assert_eq!(none.decode(&block()).await, Err(Refusal::NotFitted));
    let shelf = Shelf::with(GIVES_A_PICTURE);
    let decode = async |block: Vec<u8>| shelf.decoder(PATIENT).decode(&Private::new(block)).await;
    assert_eq!(decode(vec![b'?'; BLOCK_LEN]).await, Err(Refusal::UnknownBlock));
    assert_eq!(decode(b"DEMO".to_vec()).await, Err(Refusal::BlockLen { len: 4 }));
    assert!(shelf.decode(PATIENT).await.is_ok());
}

#[tokio::test]
async fn a_program_hears_the_block_and_its_picture_stands_upright() {
    let shelf = Shelf::with(
        "#!/bin/sh\nhead=$(head -c 4); rest=$(wc -c)\n\
         [ \"$head$rest\" = DEMO1020 ] || exit 7\nexec cat \"${0%/*}/picture.bmp\"\n",
    );
    let picture = shelf.decode(PATIENT).await.unwrap();
    let rgb = picture.rgb.expose();
    assert_eq!((rgb.first_chunk(), rgb.last_chunk()), (Some(&[200, 0, 0]), Some(&[0, 0, 200])));
}

/// What a program with this script ends in.
async fn refusal(script: &str) -> Refusal {
    Shelf::with(script).decode(PATIENT).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_picture_of_a_chip_is_refused_with_what_came() {
    assert_eq!(refusal("#!/bin/sh\necho hello\n").await, Refusal::NoPicture { len: 6 });
    assert_eq!(refusal("#!/bin/sh\nexit 0\n").await, Refusal::NoPicture { len: 0 });
    let cut = "#!/bin/sh\nhead -c 9000 \"${0%/*}/picture.bmp\"\n";
    assert_eq!(refusal(cut).await, Refusal::NoPicture { len: 9_000 });
    let small = Shelf::with(GIVES_A_PICTURE);
    small.put("picture.bmp", &bmp(20, HEIGHT_PX));
    let wrong = Refusal::WrongSize { width_px: 20, height_px: HEIGHT_PX };
    assert_eq!(small.decode(PATIENT).await, Err(wrong));
    let words = format!("expected a picture of {WIDTH_PX} x {HEIGHT_PX} pixels, got 20 x 126");
    assert_eq!(wrong.to_string(), words);
}

#[tokio::test]
async fn a_program_that_fails_or_crashes_is_told_apart() {
    assert_eq!(refusal("#!/bin/sh\nexit 1\n").await, Refusal::Exited { code: 1 });
    assert_eq!(refusal("#!/bin/sh\nkill -SEGV $$\n").await, Refusal::Killed { signal: 11 });
    let (missing, shelf) = (Shelf::new(), Shelf::with(GIVES_A_PICTURE));
    assert_eq!(missing.decode(PATIENT).await, Err(Refusal::NoProgram));
    shelf.allow("program", 0o644);
    assert_eq!(shelf.decode(PATIENT).await, Err(Refusal::NotExecutable));
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_stopped() {
    let endless = refusal("#!/bin/sh\nexec cat /dev/zero\n").await;
    assert_eq!(endless, Refusal::TooMuch { len_max: PHOTO_BYTES_MAX });
}

#[tokio::test]
async fn a_program_that_hangs_and_all_its_children_are_killed() {
    // Deaf to SIGTERM, and with one child in a session of its own.
    let word = "86398.25";
    let shelf = Shelf::with(&format!(
        "#!/bin/sh\ntrap '' TERM HUP INT\nsetsid sleep {word} &\nsleep {word} &\nsleep {word}\n"
    ));
    let hung = shelf.decode(SHORT).await;
    assert_eq!(hung, Err(Refusal::TimeOver { limit_ms: 1_500 }));
    let gone = async {
        while is_running(word) {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, gone).await.expect("nothing of it goes on");
}

#[tokio::test]
async fn whoever_stops_waiting_ends_the_program() {
    let word = "86398.75";
    let shelf = Shelf::with(&format!("#!/bin/sh\nexec sleep {word}\n"));
    let decoder = shelf.decoder(PATIENT);
    let until = async |wanted: bool| {
        let seen = async {
            while is_running(word) != wanted {
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, seen).await.expect("it starts and ends");
    };
    let block = block();
    tokio::select! {
        _ = decoder.decode(&block) => panic!("it never ends by itself"),
        () = until(true) => {}
    }
    until(false).await;
}

/// A script that ends well if it can do what it must not.
async fn cannot(script: &str) {
    let shelf = Shelf::with(script);
    assert!(shelf.can_outside(), "the script proves nothing:\n{script}");
    assert_eq!(shelf.decode(PATIENT).await, Err(COULD_NOT), "{script}");
}

#[tokio::test]
async fn a_program_sees_no_file_but_its_own_and_writes_none() {
    let elsewhere = Shelf::new();
    let secret = elsewhere.put("secret", b"canary");
    elsewhere.allow("secret", 0o644);
    cannot(&format!("#!/bin/sh\n[ -r {} ] || exit 7\n", secret.display())).await;
    cannot("#!/bin/sh\n[ -e /etc/passwd ] || [ -e /proc/self ] || [ -e /sys/class ] || exit 7\n")
        .await;
    cannot(
        "#!/bin/sh\nfor folder in \"${0%/*}\" / /dev /dev/shm /tmp /usr; do\n\
         (echo x > $folder/written) 2>&- && exit 0\ndone\nexit 7\n",
    )
    .await;
}

#[tokio::test]
async fn a_program_reaches_no_server() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    cannot(&format!("#!/bin/bash\n(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>&- || exit 7\n")).await;
}

#[tokio::test]
async fn a_program_inherits_no_file_environment_or_folder() {
    let shelf = Shelf::new();
    let open = File::open(shelf.put("open", b"canary")).unwrap();
    // A library in C opens files so: they go along to every child.
    let leaked = rustix::io::dup(&open).unwrap();
    let number = leaked.as_raw_fd();
    cannot(&format!("#!/bin/bash\n(exec 0<&{number}) 2>&- || exit 7\n")).await;
    cannot("#!/bin/sh\nenv | grep -qv -e '^PWD=' -e '^_=' -e '^OLDPWD=' || exit 7\n").await;
    cannot("#!/bin/sh\n[ \"$(pwd)\" != / ] || exit 7\n").await;
}

#[tokio::test]
async fn a_program_has_no_privilege_and_gets_none() {
    cannot("#!/bin/sh\nsetpriv --dump | grep -q 'no_new_privs: 0' || exit 7\n").await;
    cannot("#!/bin/sh\n[ \"$(ulimit -c)$(ulimit -f)\" != 00 ] || exit 7\n").await;
}

#[tokio::test]
async fn processes_files_memory_and_processor_time_have_limits() {
    cannot(
        "#!/bin/sh\ntrap 'exit 7' EXIT\nn=0\n\
         while [ $n -lt 40 ]; do sleep 0.2 & n=$((n + 1)); done\ntrap - EXIT\n",
    )
    .await;
    cannot("#!/bin/bash\nfor n in {20..60}; do eval \"exec $n</dev/null\" 2>&- || exit 7; done\n")
        .await;
    cannot(
        "#!/bin/sh\n[ \"$(head -c 300000000 /dev/zero | tail -n 1 | wc -c)\" = 300000000 ] || exit 7\n",
    )
    .await;
    let spins = refusal("#!/bin/sh\nwhile :; do :; done\n").await;
    assert!(matches!(spins, Refusal::Killed { .. }), "{spins:?}");
}

#[tokio::test]
async fn where_no_sandbox_can_be_made_nothing_is_run() {
    let shelf = Shelf::with("#!/bin/sh\n: > \"${0%/*}/ran\"\nexec cat \"${0%/*}/picture.bmp\"\n");
    shelf.allow("", 0o777);
    // A machine on which nobody may make another user namespace.
    let machine = format!(
        "#!/bin/sh\nshift 2\nexec {KIOSK} become -- /usr/bin/unshare --user --map-current-user \
         --keep-caps /bin/sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && \
         exec /usr/bin/setpriv --ambient-caps -all --inh-caps -all \"$@\"' sh \"$@\"\n"
    );
    let kiosk = shelf.put("kiosk", machine.as_bytes());
    shelf.allow("kiosk", 0o755);
    let without = decoder(shelf.path("program"), &["DEMO"], PATIENT, kiosk);
    assert_eq!(without.decode(&block()).await, Err(Refusal::NoSandbox));
    let told = without.self_test().await.unwrap_err();
    assert!(told.contains("install bubblewrap and allow user namespaces"), "{told}");
    let no_kiosk = decoder(shelf.path("program"), &["DEMO"], PATIENT, shelf.path("nothing"));
    assert_eq!(no_kiosk.decode(&block()).await, Err(Refusal::NoSandbox));
    assert!(!shelf.path("ran").exists(), "the program was run");
}

#[tokio::test]
async fn check_says_which_decoder_is_fitted_and_whether_it_works() {
    let none = PhotoDecoder::new(None, PATIENT, KIOSK).self_test().await.unwrap();
    assert!(none.starts_with("none fitted"), "{none}");
    let demo = demo_decoder();
    let demo = decoder(demo.path("program"), &["RIFF"], PATIENT, KIOSK).self_test().await.unwrap();
    assert!(
        demo.ends_with("program: reads blocks that begin with RIFF, runs in its sandbox"),
        "{demo}"
    );
    let blind = Shelf::with(GIVES_A_PICTURE).decoder(PATIENT).self_test().await.unwrap_err();
    assert!(blind.contains("expected that it refuses a block of zeros"), "{blind}");
    let hangs = Shelf::with("#!/bin/sh\nexec sleep 60\n").decoder(SHORT).self_test().await;
    assert!(hangs.unwrap_err().contains("within 1500 ms, none came"));
}

/// What `kiosk check` says and logs of a machine with this decoder, whose other devices are missing.
fn checked(program: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let machine = folder.path().join("machine.toml");
    let text = format!(
        r#"station = 17
name = {{ zh = "龙沙站", en = "Longsha Station" }}
phone = "0452-0000000"
data = "data"
catalog = "catalog"
slips = "slips"
[hall]
url = "https://127.0.0.1:1"
[id_reader]
port = "id-reader"
baud = 115200
[id_reader.photo_decoder]
program = "{}"
arguments = ["canary-a", "canary b"]
reads = ["DEMO"]
[camera]
folder = "camera"
[screen]
width = 1080
height = 1920
"#,
        program.display()
    );
    fs::write(&machine, text).unwrap();
    let mut kiosk = Command::new(KIOSK);
    kiosk.args(["check", "--machine"]).arg(&machine).env("NIGHTDESK_LOG", "trace");
    let said = kiosk.output().unwrap();
    String::from_utf8([said.stdout, said.stderr].concat()).unwrap()
}

#[test]
fn the_complaint_of_a_program_is_counted_and_not_repeated() {
    let shelf = Shelf::with("#!/bin/sh\n[ $# = 2 ] && echo \"$1 $2\" >&2\nexit 1\n");
    let said = checked(&shelf.path("program"));
    let row = format!(
        "ok   photo       {}: reads blocks that begin with DEMO, runs in its sandbox",
        shelf.path("program").display()
    );
    assert!(said.lines().any(|line| line == row), "{said}");
    assert!(said.contains("n_complaint_bytes=18"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let said = checked(&shelf.path("nothing"));
    let row = format!(
        "BAD  photo       {}: the decoder's program is not there",
        shelf.path("nothing").display()
    );
    assert!(said.lines().any(|line| line == row), "{said}");
}
