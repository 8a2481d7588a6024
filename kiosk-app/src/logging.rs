//! Diagnostics on standard error: quiet enough to read a day, and never a person's data.
//!
//! Personal values are `Private` and print as `<private>`; addresses are dropped from HTTP errors
//! where they are made. The filter may be changed with `NIGHTDESK_LOG` (a `tracing` filter).

use tracing_subscriber::EnvFilter;

/// Libraries speak up only when something is wrong; our own crates tell the life cycle.
const FILTER: &str = "warn,kiosk=info,kiosk_app=info,kiosk_core=info,kiosk_store=info,\
                      kiosk_ui=info,device_drivers=info,locker_controller=info";

/// Call once, before anything else. A second call (tests in one process) changes nothing.
pub fn start() {
    let filter =
        EnvFilter::try_from_env("NIGHTDESK_LOG").unwrap_or_else(|_| EnvFilter::new(FILTER));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .finish();
    // An error means that a subscriber is already set, which is then the one that is wanted.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
