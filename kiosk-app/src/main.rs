//! `kiosk`: see `kiosk --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kiosk_app::cli::main().into()
}
