//! The first stores of a process, opened by many threads at one moment.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Barrier;

use kiosk_store::{STORE_KEY_FILE, Store, StoreKey, new_epoch};

const N_THREADS: usize = 24;

#[test]
fn the_first_stores_of_a_process_may_be_opened_at_one_moment() {
    let together = Barrier::new(N_THREADS);
    std::thread::scope(|scope| {
        for _ in 0..N_THREADS {
            scope.spawn(|| {
                let dir = tempfile::tempdir().unwrap();
                let key = StoreKey::create(&dir.path().join(STORE_KEY_FILE)).unwrap();
                together.wait();
                Store::provision(dir.path(), &key, new_epoch().unwrap()).unwrap();
            });
        }
    });
}
