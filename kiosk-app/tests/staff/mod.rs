//! `kiosk staff`: the real program with a pipe or a terminal at its standard input.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use kiosk_core::view::{Intent, Stage};

use super::{
    kiosk,
    world::{Person, World},
};

const PIN: &str = "271828";

/// Runs `kiosk ARGUMENTS` with this text in a pipe; exit code and everything it said.
fn piped(arguments: &[&str], machine: &Path, input: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .arg("--machine")
        .arg(machine)
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
fn typed(arguments: &[&str], machine: &Path, keys: [&str; 2]) -> (i32, String, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .arg("--machine")
        .arg(machine)
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

async fn blocking<T: Send + 'static>(
    world: &World,
    work: impl FnOnce(PathBuf) -> T + Send + 'static,
) -> T {
    let machine = world.machine_file();
    tokio::task::spawn_blocking(move || work(machine)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_added_listed_and_removed() {
    let world = World::enrolled().await;
    blocking(&world, |machine| {
        let add = ["staff", "add", "2001", "--role", "courier"];
        let list = || kiosk(&["staff", "list"], &machine).1;
        assert!(list().contains("nobody is registered"), "{}", list());
        let (code, said) = piped(&add, &machine, "271828\n");
        assert_eq!((code, said.as_str()), (0, "staff 2001 may sign in as courier\n"));
        let (code, said) = piped(&add, &machine, "314159\n");
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("staff 2001 is registered"), "{said}");
        assert!(list().contains("2001          courier  active"), "{}", list());
        let (code, _) = kiosk(&["staff", "remove", "2001"], &machine);
        assert_eq!(code, 0);
        assert!(list().contains("2001          courier  removed"), "{}", list());
        let (code, said) = kiosk(&["staff", "remove", "2001"], &machine);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("there is no active staff 2001"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_or_id_that_will_not_do_is_refused_and_not_shown() {
    let world = World::enrolled().await;
    blocking(&world, |machine| {
        let add =
            |id: &str, pin: &str| piped(&["staff", "add", id, "--role", "manager"], &machine, pin);
        for (pin, why) in [
            ("77", "a PIN of 6 to 12 digits, got 2"),
            ("777777\n", "one digit repeated"),
            ("987654\n", "counts up or down"),
            ("", "a PIN of 6 to 12 digits, got 0"),
        ] {
            let (code, said) = add("2001", pin);
            assert_eq!(code, 1, "{said}");
            assert!(said.contains(why), "{pin:?}: {said}");
            assert!(pin.is_empty() || !said.contains(pin.trim()), "{said}");
        }
        let (code, said) = add("zhang", "271828\n");
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("expected a staff number of 1 to 12 digits"), "{said}");
        let (code, said) =
            kiosk(&["staff", "add", "2001", "--role", "manager", "--pin", PIN], &machine);
        assert_eq!(code, 2, "a PIN is no argument: {said}");
        assert!(kiosk(&["staff", "list"], &machine).1.contains("nobody is registered"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_asks_twice_and_shows_nothing() {
    let world = World::enrolled().await;
    blocking(&world, |machine| {
        let add = ["staff", "add", "2001", "--role", "manager"];
        let (code, said, shown) = typed(&add, &machine, [PIN, "271829"]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("not the same"), "{said}");
        assert_eq!(shown.trim(), "", "the terminal showed the typing");
        let (code, said, shown) = typed(&add, &machine, [PIN, PIN]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("may sign in as manager") && !said.contains(PIN), "{said}");
        assert_eq!(shown.trim(), "", "the terminal showed the typing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_station_takes_staff_in_and_lets_them_go() {
    let world = World::enrolled().await;
    let _fitted = world.fit();
    let running = world.station().await;
    let (code, said) = blocking(&world, |machine| {
        piped(&["staff", "add", "2001", "--role", "courier"], &machine, "271828\n")
    })
    .await;
    assert_eq!((code, said.as_str()), (0, "staff 2001 may sign in as courier\n"));
    let mut person = Person::at(&running, "laonianzheng");
    let sign = person.opens_staff_page().await;
    let round = person.signs_in(&sign, "2001", PIN).await;
    assert!(matches!(round.stage, Stage::Choose { .. }), "{round:?}");
    person.touches(round.revision, Intent::Leave);
    let (removed, list) = blocking(&world, |machine| {
        (kiosk(&["staff", "remove", "2001"], &machine), kiosk(&["staff", "list"], &machine))
    })
    .await;
    assert_eq!(removed.0, 0, "{removed:?}");
    assert!(list.1.contains("2001          courier  removed"), "{list:?}");
    let sign = person.opens_staff_page().await;
    let refused = person.signs_in(&sign, "2001", PIN).await;
    assert!(matches!(refused.stage, Stage::Form { .. }), "{refused:?}");
    running.stop().await;
}
