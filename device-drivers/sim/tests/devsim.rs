//! The program itself: starts, says when it is ready, and goes cleanly.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(30);

fn devsim(folder: &Path, control: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_devsim"))
        .args(["--control", control, "--folder"])
        .arg(folder.join("sim"))
        .arg("--ready-file")
        .arg(folder.join("ready.json"))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The whole answer, head and body.
async fn get(control: &str, path: &str) -> String {
    let address = control.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_says_when_it_is_ready_and_takes_its_ports_away_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = devsim(folder.path(), "127.0.0.1:0");
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("twins are ready") {
                return;
            }
        }
        panic!("ended before it was ready");
    };
    timeout(LIMIT, ready).await.unwrap();
    let ready = fs::read_to_string(folder.path().join("ready.json")).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    assert!(ready["control"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let port = Path::new(ready["id_reader"].as_str().unwrap()).to_owned();
    assert!(port.exists() && folder.path().join("sim/camera").is_dir());
    let locker = Path::new(ready["locker"].as_str().unwrap()).to_owned();
    assert!(locker.exists() && locker.ends_with("sim/locker"));
    let printer = Path::new(ready["printer"].as_str().unwrap()).to_owned();
    assert!(printer.exists() && printer.ends_with("sim/printer"));
    let scanner = Path::new(ready["scanner"].as_str().unwrap()).to_owned();
    assert!(scanner.exists() && scanner.ends_with("sim/code-scanner"));
    let room = Path::new(ready["room"].as_str().unwrap()).to_owned();
    assert!(room.exists() && room.ends_with("sim/room"));
    let keypad = Path::new(ready["keypad"].as_str().unwrap()).to_owned();
    assert!(keypad.exists() && keypad.ends_with("sim/keypad"));

    let page_printer = ready["page_printer"].as_str().unwrap().to_owned();
    let page_printer = page_printer.strip_prefix("ipp://").unwrap();
    let page_printer = page_printer.strip_suffix("/ipp/print").unwrap();
    TcpStream::connect(page_printer).await.unwrap();

    for (path, word) in [("/v1/twins", "\"doors\""), ("/v1/wires", "\"id_reader\":[]")] {
        let asked = get(ready["control"].as_str().unwrap(), path);
        let answer = timeout(LIMIT, asked).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(word), "{answer}");
    }
    let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let ended = timeout(LIMIT, child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
    assert!(!port.is_symlink() && !locker.is_symlink());
    assert!(!printer.is_symlink() && !scanner.is_symlink());
    assert!(!room.is_symlink() && !keypad.is_symlink());
    assert!(TcpStream::connect(page_printer).await.is_err());
}

#[tokio::test]
async fn it_refuses_to_be_reached_from_other_machines() {
    let folder = tempfile::tempdir().unwrap();
    let ended = timeout(LIMIT, devsim(folder.path(), "0.0.0.0:0").wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(2));
    let printer_for_all = Command::new(env!("CARGO_BIN_EXE_devsim"))
        .args(["--page-printer", "0.0.0.0:0", "--folder"])
        .arg(folder.path().join("sim"))
        .kill_on_drop(true)
        .status();
    let ended = timeout(LIMIT, printer_for_all).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(2));
}
