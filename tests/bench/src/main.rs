//! `bench --out FILE [NAME…]`: measures all parts, or those named, one after the other, prints the
//! table and writes it as JSON. Fails only if a part could not be measured; it judges no figure.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use bench::{
    Row, accepts, chip_cards, custody, forms, id_reader, idle, locker, nights, planted, power_cuts,
    receipt, recovery, screen, submit, table,
};

/// A part of the bench: its rows from a folder that is thrown away.
type Part = fn(&Path) -> Result<Vec<Row>>;

const PARTS: [(&str, Part); 14] = [
    ("screen", screen::rows),
    ("recovery", recovery::rows),
    ("id_reader", id_reader::rows),
    ("chip_cards", chip_cards::rows),
    ("idle", idle::rows),
    ("locker", locker::rows),
    ("receipt", receipt::rows),
    ("forms", forms::rows),
    ("submit", submit::rows),
    ("custody", custody::rows),
    ("accepts", accepts::rows),
    // Last: from there on SQLite's files go through another door.
    ("power_cuts", power_cuts::rows),
    ("nights", nights::rows),
    ("planted", planted::rows),
];

/// What the bench does when it runs again as a child of one of its parts.
type Child = fn(&Path) -> Result<()>;

const CHILDREN: [(&str, Child); 2] =
    [(chip_cards::CHILD, chip_cards::child), (idle::CHILD, idle::child)];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed stderr leaves nobody to tell.
            let _ = writeln!(io::stderr().lock(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut given = std::env::args_os().skip(1);
    let first = given.next();
    if let Some((_, child)) = CHILDREN.iter().find(|(name, _)| first == Some((*name).into())) {
        let folder = given.next().context("the folder of the child")?;
        return child(Path::new(&folder));
    }
    let (out, names) = arguments()?;
    let mut rows = Vec::new();
    for (name, part) in PARTS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            writeln!(io::stderr().lock(), "measuring {name}")?;
            // Beside the binary, because the temporary folder of a machine may lie in memory.
            let folder = tempfile::tempdir_in(own_folder()?)?;
            rows.extend(part(folder.path()).with_context(|| format!("part {name}"))?);
        }
    }
    write!(io::stdout().lock(), "{}", table(&rows))?;
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&out, serde_json::to_vec_pretty(&rows)?)
        .with_context(|| format!("writing {}", out.display()))
}

fn arguments() -> Result<(PathBuf, Vec<String>)> {
    let mut out = None;
    let mut names = Vec::new();
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        if word == "--out" {
            out = given.next();
        } else if PARTS.iter().any(|(name, _)| *name == word) {
            names.push(word);
        } else {
            let known: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
            bail!("expected --out FILE or a part ({}), got {word}", known.join(", "));
        }
    }
    Ok((out.context("expected --out FILE")?.into(), names))
}

fn own_folder() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    Ok(me.parent().context("the folder of this program")?.to_owned())
}
