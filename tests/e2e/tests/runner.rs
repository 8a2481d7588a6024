//! `nightdesk-run` as `make run` starts it: with a display it opens the window and says where
//! everything is; a night that does not go as written ends with a failure.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use nightdesk_e2e::{web::Web, xvfb::Xvfb};
use rustix::process::{Pid, Signal, kill_process};

use built::{out, places};

fn runner() -> Command {
    let places = places();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightdesk-run"));
    command.arg("--bin-dir").arg(&places.bin_dir).env_remove("DISPLAY");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[test]
fn with_a_display_it_says_where_everything_is_until_it_is_stopped() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let xvfb = Xvfb::start(log.path()).unwrap();
    let mut child = runner().env("DISPLAY", xvfb.display()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said: Vec<String> = lines.by_ref().take(7).collect();
    let after = |what: &str| {
        let line = said.iter().find(|line| line.starts_with(what)).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    for address in [after("Clerk console:"), after("Device page")] {
        assert_eq!(Web::new(&address).unwrap().get("/").unwrap().status, 200, "{address}");
    }
    let link = after("Clerk console, first account");
    let base = after("Clerk console:");
    assert_eq!(Web::new(&base).unwrap().get(&link).unwrap().status, 200);
    assert_eq!(said.iter().filter(|line| line.contains("PIN")).count(), 2, "{said:?}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success(), "{said:?}");
}

#[test]
fn a_night_that_does_not_go_as_written_fails() {
    let mut run = runner();
    run.arg("--play").args(["--break-label", "工作人员", "--out"]).arg(out("runner-broken"));
    let ended = run.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("step 2 (staff-sign-in)"), "{said}");
}
