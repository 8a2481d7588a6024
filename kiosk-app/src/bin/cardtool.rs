//! `cardtool`: see `cardtool --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kiosk_app::cardtool::main().into()
}
