//! A PIN from a person or a pipe. Never an argument: those stand in the list of processes.
//!
//! Which PIN is good enough is decided by who asks for it.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
    os::fd::AsFd as _,
};

use kiosk_words::Private;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::{
    exit::{Exit, Failure},
    limits::PIN_LINE_MAX,
};

/// Typed twice at a terminal, unseen; otherwise one line of standard input.
pub fn read() -> Result<Private<String>, Failure> {
    let read = if io::stdin().is_terminal() { typed_twice() } else { line().map(Some) };
    let pin = read.map_err(|error| Failure::plain(&error))?;
    pin.ok_or_else(|| Failure::new(Exit::Failed, "the two PINs are not the same: nothing changed"))
}

/// `None`: they are not the same.
fn typed_twice() -> io::Result<Option<Private<String>>> {
    let _unseen = Unseen::begin()?;
    let first = typed("PIN: ")?;
    let second = typed("PIN again: ")?;
    Ok((first == second).then_some(first))
}

fn typed(prompt: &str) -> io::Result<Private<String>> {
    let mut screen = io::stderr().lock();
    write!(screen, "{prompt}")?;
    screen.flush()?;
    let line = line();
    // The line break that was typed is as unseen as the digits.
    writeln!(screen)?;
    line
}

fn line() -> io::Result<Private<String>> {
    let mut text = String::new();
    let read = io::stdin().lock().take(PIN_LINE_MAX).read_line(&mut text);
    let text = Private::new(text);
    read?;
    Ok(text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Unseen {
    before: Termios,
}

impl Unseen {
    fn begin() -> io::Result<Self> {
        let terminal = io::stdin();
        let before = tcgetattr(terminal.as_fd())?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        // What was typed before the prompt is not meant for it.
        tcsetattr(terminal.as_fd(), OptionalActions::Flush, &unseen)?;
        Ok(Self { before })
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Nothing is left to be done if even that fails.
        let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Now, &self.before);
    }
}
