//! The real program, killed in the middle of its work: what was answered is there afterwards.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use hall_api::wire::{BatchReply, EventEnvelope, PATH_EVENTS};
use hall_server::store::{self, chain};

use crate::support::{self, HALL, TestStation, hall_command, word};

#[derive(serde::Deserialize)]
struct Ready {
    console: String,
    stations: String,
    first_account_link: Option<String>,
}

struct Program(Child);

impl Program {
    /// Starts the hall and waits for its ready file.
    async fn start(data: &Path) -> (Self, Ready) {
        let ready_file = data.join("ready.json");
        let _first_start = std::fs::remove_file(&ready_file);
        let child = Command::new(HALL)
            .args([
                "serve",
                "--console",
                "127.0.0.1:0",
                "--stations",
                "127.0.0.1:0",
                "--log",
                "off",
            ])
            .arg("--data")
            .arg(data)
            .arg("--ready-file")
            .arg(&ready_file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut program = Self(child);
        let waiting = async {
            loop {
                if let Ok(text) = std::fs::read(&ready_file) {
                    return serde_json::from_slice(&text).unwrap();
                }
                assert!(program.0.try_wait().unwrap().is_none(), "the hall ended by itself");
                tokio::task::yield_now().await;
            }
        };
        let limit = std::time::Duration::from_secs(60);
        let ready = tokio::time::timeout(limit, waiting).await.unwrap();
        (program, ready)
    }

    /// SIGKILL, by the id of the child: no handler runs, nothing is flushed.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

async fn enrolled(data: &Path, stations: &str) -> TestStation {
    let (code, line) = hall_command(data, &["enrol-code", "--station", "17", "--name", "龙沙站"]);
    assert_eq!(code, Some(0));
    let ca = std::fs::read(data.join("ca.pem")).unwrap();
    let stranger = support::client(&ca).build().unwrap();
    TestStation::enrol(stations, &stranger, 17, line.trim()).await
}

/// Sends until the hall is gone; returns what it had answered with `accepted`.
async fn send_until_cut(
    station: &TestStation,
    seqs: impl Iterator<Item = u64>,
    told: &tokio::sync::mpsc::Sender<()>,
) -> Vec<EventEnvelope> {
    let mut acknowledged = Vec::new();
    let client = station.new_client();
    for seq in seqs {
        let event = station.file(seq).event;
        let batch = station.batch(vec![event.clone()]);
        let Ok(answer) = client.post(station.url(PATH_EVENTS)).json(&batch).send().await else {
            break;
        };
        let Ok(reply) = answer.json::<BatchReply>().await else { break };
        assert_eq!(word(&reply.answers[0].answer), "accepted");
        acknowledged.push(event);
        let _enough = told.try_send(());
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hall_has_every_event_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (program, ready) = Program::start_in(&data).await;
    let station = enrolled(&data, &ready.stations).await;
    // The kill comes when 60 events were acknowledged, with eight more under way at any time.
    let (told, mut heard) = tokio::sync::mpsc::channel(60);
    let senders = (0..8).map(|lane| {
        let seqs = (0..100).map(move |n| 1 + lane * 100 + n);
        send_until_cut(&station, seqs, &told)
    });
    let (acknowledged, ()) = tokio::join!(futures_util::future::join_all(senders), async {
        for _ in 0..60 {
            heard.recv().await.unwrap();
        }
        program.kill();
    });
    let acknowledged = acknowledged.concat();
    assert!(acknowledged.len() >= 60 && acknowledged.len() < 800, "{}", acknowledged.len());

    let (program, ready) = Program::start_in(&data).await;
    let station = TestStation { base: ready.stations, ..station };
    for event in acknowledged {
        let reply = station.new_client().post(station.url(PATH_EVENTS));
        let reply = reply.json(&station.batch(vec![event])).send().await.unwrap();
        let reply: BatchReply = reply.json().await.unwrap();
        assert_eq!(word(&reply.answers[0].answer), "duplicate");
    }
    program.kill();
    let (code, text) = hall_command(&data, &["audit", "verify"]);
    assert_eq!((code, text.contains("unbroken")), (Some(0), true), "{text}");
}

impl Program {
    async fn start_in(data: &Path) -> (Self, Ready) {
        std::fs::create_dir_all(data).unwrap();
        Self::start(data).await
    }
}

#[tokio::test]
async fn the_program_says_where_it_serves_and_a_second_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, ready) = Program::start(folder.path()).await;
    assert!(ready.console.starts_with("http://127.0.0.1:"));
    assert!(ready.first_account_link.unwrap().starts_with(&format!("{}/first/", ready.console)));
    let second = Command::new(HALL)
        .args(["serve", "--console", "127.0.0.1:0", "--stations", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("already serves"));
}

#[test]
fn a_changed_or_removed_audit_line_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for station in ["17", "18", "19"] {
        hall_command(data, &["enrol-code", "--station", station]);
    }
    assert_eq!(hall_command(data, &["audit", "verify"]).0, Some(0));
    let database = store::open_database(&data.join("hall.db")).unwrap();
    let change = "UPDATE audit_lines SET who = 'nobody' WHERE n = 2";
    assert!(database.execute(change, []).is_err(), "the table itself refuses");
    database.execute_batch("DROP TRIGGER audit_lines_stay; DROP TRIGGER audit_lines_keep").unwrap();
    database.execute(change, []).unwrap();
    let (code, text) = hall_command(data, &["audit", "verify"]);
    assert_eq!((code, text.contains("line 2")), (Some(3), true), "{text}");
    database.execute("DELETE FROM audit_lines WHERE n = 2", []).unwrap();
    let error = chain::verify(&database).unwrap_err();
    assert!(error.to_string().contains("expected line 2, found line 3"), "{error}");
}
