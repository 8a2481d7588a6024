//! Personal data that cannot be printed by accident.

use std::fmt;

use zeroize::Zeroize;

/// Wraps a value about a person (rule R15 and invariant `no_pii_in_logs`).
///
/// `Debug` prints `<private>`, there is no `Display` and no `Serialize`; the bytes are wiped when
/// the value is dropped. To show it on the applicant's own screen or to seal it, call
/// [`Private::expose`] at the place of use: the word is easy to search for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Private<T: Zeroize>(T);

impl<T: Zeroize> Private<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one line that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// A private value made from this one; the result is as private as its source.
    pub fn map<U: Zeroize>(&self, make: impl FnOnce(&T) -> U) -> Private<U> {
        Private(make(&self.0))
    }
}

impl Private<String> {
    pub fn text(value: &str) -> Self {
        Self(value.to_owned())
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Zeroize + Default> Default for Private<T> {
    fn default() -> Self {
        Self(T::default())
    }
}

impl<T: Zeroize> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<private>")
    }
}

impl<T: Zeroize> Drop for Private<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let name = Private::text("张三");
        assert_eq!(format!("{name:?} {:?}", Some(&name)), "<private> Some(<private>)");
        assert_eq!(name.expose(), "张三");
    }
}
