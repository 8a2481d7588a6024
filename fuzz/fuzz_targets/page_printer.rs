//! Feeds the codec of this name from libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| device_sim::any_bytes::page_printer(bytes));
