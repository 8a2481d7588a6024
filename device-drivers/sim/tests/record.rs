//! The program that records the wire of one device, as a process on a real pty.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Output, Stdio},
};

use device_sim::{
    port::{self, AtStart},
    scanner::ScannerTwin,
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

async fn record(out: &Path, port: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_record"))
        .args(["--source", "the twin on a pty", "--seconds", "1", "--out"])
        .arg(out)
        .args(["code-scanner", "--baud", "115200", "--charset", "utf8", "--port"])
        .arg(port)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_device_is_recorded_into_a_new_file_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let (port, out) = (folder.path().join("port"), folder.path().join("out.wire"));
    let plugged = AtStart::Plugged;
    let (_hand, _) =
        port::spawn_twin(ScannerTwin::new(), port.clone(), plugged, stop.child_token()).unwrap();
    let recorded = record(&out, &port).await;
    assert!(recorded.status.success(), "{recorded:?}");
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("wire 1  device=code-scanner  source=the twin on a pty  fw=none\n"));
    let said = |mark: &str| text.lines().any(|line| line.contains(mark));
    assert!(said(" >  7e 00 07 01 00 00 01 01 41") && said(" <  02 00 00 01"), "{text}");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

    let again = record(&out, &port).await;
    assert_eq!(again.status.code(), Some(1), "a file that is there is left as it is");
    assert_eq!(fs::read_to_string(&out).unwrap(), text);
}
