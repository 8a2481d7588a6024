//! Reads transcripts: `>` host to device, `<` device to host, `*` what a hand, the app or the test
//! does. Times are virtual milliseconds.

use std::{fs, path::Path};

use kiosk_words::Moment;

#[derive(Debug)]
pub(crate) enum Line {
    ToDevice(Vec<u8>),
    FromDevice(Vec<u8>),
    Act(Vec<String>),
}

/// Lines with their number and time; consecutive bytes from the device at one time are one line.
fn lines(device: &str, text: &str) -> Vec<(usize, Moment, Line)> {
    let mut lines: Vec<(usize, Moment, Line)> = Vec::new();
    let header = format!("wire 1  device={device} ");
    assert!(text.starts_with(&header), "every transcript has a header");
    for (at, row) in text.lines().enumerate().skip(1) {
        if row.starts_with('#') {
            continue;
        }
        let mut words = row.split_whitespace();
        let time = Moment(words.next().unwrap().parse().unwrap());
        let mark = words.next().unwrap();
        let rest: Vec<String> = words.map(str::to_owned).collect();
        let bytes = || rest.iter().map(|b| u8::from_str_radix(b, 16).unwrap()).collect::<Vec<u8>>();
        let line = match mark {
            ">" => Line::ToDevice(bytes()),
            "<" => Line::FromDevice(bytes()),
            "*" => Line::Act(rest),
            other => panic!("line {}: no mark {other:?}", at + 1),
        };
        match (lines.last_mut(), line) {
            (Some((_, last, Line::FromDevice(have))), Line::FromDevice(more)) if *last == time => {
                have.extend(more);
            }
            (_, line) => lines.push((at + 1, time, line)),
        }
    }
    lines
}

/// Every transcript of a device, of which there are so many at least.
pub(crate) fn each_transcript(
    device: &str,
    n_min: usize,
    play: impl Fn(&str, Vec<(usize, Moment, Line)>),
) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts").join(device);
    let mut n = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        play(&name, lines(device, &fs::read_to_string(path).unwrap()));
        n += 1;
    }
    assert!(n >= n_min, "only {n} transcripts found");
}
