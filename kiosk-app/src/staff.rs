//! Who may sign in at this station: registered by a technician at the console.
//!
//! What makes a PIN good enough is decided by the store, and how long wrong ones lock an id by
//! the core.

use kiosk_core::event::StaffRole;
use kiosk_store::{Registered, StaffError, Store};
use kiosk_words::Private;

use crate::{
    exit::{Exit, with_causes},
    report::Report,
};

/// As many as the field of the sign-in page takes.
const ID_DIGITS_MAX: usize = 12;

/// A change of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Add { id: String, role: StaffRole, pin: Private<String> },
    Remove { id: String },
}

impl Change {
    /// Says what was done, or why not.
    pub fn make(&self, store: &mut Store) -> Report {
        let changed = match self {
            Self::Add { id, .. } if !is_typed(id) => {
                let digits = format!("1 to {ID_DIGITS_MAX} digits");
                return Report::failed(format!("expected a staff number of {digits}, got {id:?}"));
            }
            Self::Add { id, role, pin } => store.register_staff(id, *role, pin),
            Self::Remove { id } => store.deactivate_staff(id),
        };
        self.report(changed)
    }

    fn report(&self, changed: Result<(), StaffError>) -> Report {
        match (changed, self) {
            (Err(error), _) => Report::failed(with_causes(&error)),
            (Ok(()), Self::Add { id, role, .. }) => {
                Report::done(format!("staff {id} may sign in as {}", role_word(*role)))
            }
            (Ok(()), Self::Remove { id }) => Report::done(format!(
                "nobody signs in as staff {id} any more; the PIN is destroyed"
            )),
        }
    }
}

/// The store takes letters too; the sign-in page has keys for digits only, so an id with a letter
/// would sign nobody in.
fn is_typed(id: &str) -> bool {
    (1..=ID_DIGITS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// One line each: id, role, whether they may sign in, wrong PINs in a row.
pub fn table(registered: &[Registered]) -> Report {
    let line = |known: &Registered| {
        let Registered { staff, is_active, n_failures, .. } = known;
        let may = if *is_active { "active" } else { "removed" };
        let failures = match n_failures {
            0 => String::new(),
            n => format!("  {n} wrong PINs"),
        };
        format!("{:<12}  {:<7}  {may}{failures}", staff.id, role_word(staff.role))
    };
    if registered.is_empty() {
        return Report::done("nobody is registered: see `kiosk staff add --help`");
    }
    Report { lines: registered.iter().map(line).collect(), exit: Exit::Done }
}

pub const fn role_word(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Courier => "courier",
        StaffRole::Manager => "manager",
    }
}

pub fn role_of(word: &str) -> Option<StaffRole> {
    [StaffRole::Courier, StaffRole::Manager].into_iter().find(|role| role_word(*role) == word)
}
