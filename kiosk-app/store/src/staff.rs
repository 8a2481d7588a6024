//! Who works at this station, and their PINs.
//!
//! ```text
//!  register ──► active ──deactivate──► inactive ──register──► active, with a new PIN
//! ```
//! A PIN is kept as an Argon2id hash: about 20 MiB and some milliseconds for each try, on the
//! store's thread, which is why the core counts failures and locks. Nobody is registered from the
//! factory (R10); a person who leaves is deactivated and their hash destroyed, their id stays for
//! the record. Who may do this is decided by whoever may run the program with the store's key.

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash,
};
use kiosk_core::event::{Staff, StaffRole};
use kiosk_words::{Private, ServiceTime};
use rusqlite::{OptionalExtension as _, params};

use crate::{error::StoreError, key::random, rows::custody as columns, store::Store};

/// A staff number or a short name; it goes to the hall with every act.
const ID_LEN_MAX: usize = 20;
const PIN_LEN_MIN: usize = 6;
const PIN_LEN_MAX: usize = 12;
const SALT_LEN: usize = 16;

/// Somebody on the list of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub staff: Staff,
    /// May sign in.
    pub is_active: bool,
    /// Wrong PINs in a row.
    pub n_failures: u32,
    /// Nobody signs in under this id before.
    pub locked_until: ServiceTime,
}

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error(
        "expected a staff id of 1 to {ID_LEN_MAX} ASCII letters, digits, hyphens or underscores"
    )]
    BadId,
    #[error(transparent)]
    BadPin(#[from] BadPin),
    #[error("staff {id} is registered: deactivate first, then register with a new PIN or role")]
    Registered { id: String },
    #[error("there is no active staff {id}")]
    NotActive { id: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a PIN is not taken; says nothing of its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPin {
    #[error("expected a PIN of {PIN_LEN_MIN} to {PIN_LEN_MAX} digits, got {got} characters")]
    Length { got: usize },
    #[error("expected digits only in a PIN")]
    NotDigits,
    #[error("a PIN of one digit repeated is guessed first")]
    AllSame,
    #[error("a PIN that counts up or down is guessed first")]
    Counting,
}

impl Store {
    /// Lets somebody sign in with this PIN. An id that is active already is refused.
    pub fn register_staff(
        &mut self,
        id: &str,
        role: StaffRole,
        pin: &Private<String>,
    ) -> Result<(), StaffError> {
        self.alive()?;
        check_id(id)?;
        check_pin(pin)?;
        let hash = hash(pin, &random().map_err(StoreError::from)?);
        let written = self
            .db
            .execute(
                "INSERT INTO staff (id, role, active, pin_hash) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (id) DO UPDATE SET role = excluded.role, active = 1,
                    pin_hash = excluded.pin_hash, failures = 0, locked_until = 0
                 WHERE active = 0",
                params![id, columns::role_text(role), hash],
            )
            .map_err(StoreError::from);
        match self.unless_disk_failed(written)? {
            0 => Err(StaffError::Registered { id: id.to_owned() }),
            _ => Ok(()),
        }
    }

    /// From here on nobody signs in under this id; its PIN is destroyed.
    pub fn deactivate_staff(&mut self, id: &str) -> Result<(), StaffError> {
        self.alive()?;
        let written = self
            .db
            .execute(
                "UPDATE staff SET active = 0, pin_hash = NULL WHERE id = ?1 AND active = 1",
                params![id],
            )
            .map_err(StoreError::from);
        match self.unless_disk_failed(written)? {
            0 => Err(StaffError::NotActive { id: id.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Everyone who was ever registered, by id.
    pub fn staff(&self) -> Result<Vec<Registered>, StoreError> {
        self.alive()?;
        let mut staff = self
            .db
            .prepare("SELECT id, role, active, failures, locked_until FROM staff ORDER BY id")?;
        let found = staff.query_map([], |row| {
            let role: String = row.get(1)?;
            Ok((row.get(0)?, role, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        found
            .map(|row| {
                let (id, role, is_active, n_failures, locked_until) = row?;
                let staff = Staff { id, role: columns::role(&role)? };
                let locked_until = ServiceTime(locked_until);
                Ok(Registered { staff, is_active, n_failures, locked_until })
            })
            .collect()
    }

    /// An id that nobody has costs the same time as a wrong PIN.
    pub(crate) fn staff_is(
        &self,
        id: &str,
        pin: &Private<String>,
    ) -> Result<Option<Staff>, StoreError> {
        let known: Option<(String, String)> = self
            .db
            .prepare_cached("SELECT role, pin_hash FROM staff WHERE id = ?1 AND active = 1")?
            .query_row(params![id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((role, hash_text)) = known else {
            hash(pin, &random()?);
            return Ok(None);
        };
        if !is_pin(pin, &hash_text)? {
            return Ok(None);
        }
        Ok(Some(Staff { id: id.to_owned(), role: columns::role(&role)? }))
    }
}

fn check_id(id: &str) -> Result<(), StaffError> {
    let may = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_good = (1..=ID_LEN_MAX).contains(&id.len()) && id.bytes().all(may);
    if is_good { Ok(()) } else { Err(StaffError::BadId) }
}

fn check_pin(pin: &Private<String>) -> Result<(), BadPin> {
    let digits = pin.expose().as_bytes();
    let got = pin.expose().chars().count();
    if !(PIN_LEN_MIN..=PIN_LEN_MAX).contains(&got) {
        return Err(BadPin::Length { got });
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(BadPin::NotDigits);
    }
    // After nine comes zero, as on a row of keys.
    let every_step_is = |step: u8| {
        let mut steps = digits.iter().zip(digits.iter().skip(1));
        steps.all(|(digit, next)| (digit - b'0' + step) % 10 == next - b'0')
    };
    if every_step_is(0) {
        return Err(BadPin::AllSame);
    }
    if every_step_is(1) || every_step_is(9) { Err(BadPin::Counting) } else { Ok(()) }
}

/// A PHC string.
fn hash(pin: &Private<String>, salt: &[u8; SALT_LEN]) -> String {
    Argon2::default()
        .hash_password_with_salt(pin.expose().as_bytes(), salt)
        .expect("default parameters and a salt of 16 bytes are valid")
        .to_string()
}

fn is_pin(pin: &Private<String>, hash: &str) -> Result<bool, StoreError> {
    let hash = PasswordHash::new(hash).map_err(|_| StoreError::Unreadable("the hash of a PIN"))?;
    Ok(Argon2::default().verify_password(pin.expose().as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_is_guessed_first_is_refused() {
        let checked = |pin: &str| check_pin(&Private::text(pin));
        for good in ["271828", "100000", "135791", "123455", "987650123456"] {
            assert_eq!(checked(good), Ok(()), "{good}");
        }
        for (pin, why) in [
            ("", BadPin::Length { got: 0 }),
            ("27182", BadPin::Length { got: 5 }),
            ("2718281828459", BadPin::Length { got: 13 }),
            ("27182a", BadPin::NotDigits),
            ("２７１８２８", BadPin::NotDigits),
            ("000000", BadPin::AllSame),
            ("777777777777", BadPin::AllSame),
            ("123456", BadPin::Counting),
            ("567890", BadPin::Counting),
            ("890123", BadPin::Counting),
            ("987654", BadPin::Counting),
        ] {
            assert_eq!(checked(pin), Err(why), "{pin}");
        }
    }
}
