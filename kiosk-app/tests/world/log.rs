//! Keeps everything that is logged in this process, at a level louder than the product's.

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

use tracing_subscriber::EnvFilter;

static SAID: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static ONCE: Once = Once::new();

pub(crate) fn capture() {
    ONCE.call_once(|| {
        let filter = EnvFilter::new(
            "debug,kiosk_app=trace,kiosk_core=trace,kiosk_store=trace,device_drivers=trace",
        );
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(|| Keep)
            .init();
    });
}

pub(crate) fn captured() -> String {
    String::from_utf8_lossy(&SAID.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

struct Keep;

impl io::Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SAID.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
