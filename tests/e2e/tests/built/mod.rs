//! The programs of the product as this build made them, and a place for pictures.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use nightdesk_e2e::house::Places;

/// Binaries beside this test, built with the same profile if they are not there.
pub(crate) fn places() -> Places {
    let places = Places::beside_me().unwrap();
    if !places.missing().is_empty() {
        for package in ["kiosk-app", "hall-server", "device-sim"] {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--locked", "--bins", "-p", package]);
            if places.bin_dir.ends_with("release") {
                cargo.arg("--release");
            }
            let target = places.bin_dir.parent().unwrap();
            let built = cargo.env("CARGO_TARGET_DIR", target).status().unwrap();
            assert!(built.success(), "{package} does not build");
        }
    }
    assert_eq!(places.missing(), Vec::<&str>::new());
    places
}

/// Pictures stay beside the target folder, so that a failed run can be looked at.
pub(crate) fn out(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
