//! Argon2id for passwords and one-time codes.
//!
//! Hashing costs about 20 MiB and some milliseconds each time, on purpose. At most two run at
//! once, so that strangers who knock cannot starve the hall.

use std::sync::Arc;

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash,
};
use kiosk_words::Private;
use tokio::sync::Semaphore;

const AT_ONCE_MAX: usize = 2;

#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    room: Arc<Semaphore>,
    /// A hash of nothing anyone knows: a name that does not exist costs the same time.
    nobody: Arc<str>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        let nobody = hash(&Private::new(crate::random::token().to_string()));
        Self { room: Arc::new(Semaphore::new(AT_ONCE_MAX)), nobody: nobody.into() }
    }

    pub(crate) async fn hash(&self, password: Private<String>) -> String {
        self.apart(move || hash(&password)).await
    }

    /// `None` as hash: the same work, and the answer no.
    pub(crate) async fn verify(&self, password: Private<String>, hash: Option<String>) -> bool {
        let nobody = Arc::clone(&self.nobody);
        self.apart(move || match hash {
            Some(hash) => verify(&password, &hash),
            None => {
                verify(&password, &nobody);
                false
            }
        })
        .await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _permit = self.room.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// A PHC string with a random salt.
pub(crate) fn hash(password: &Private<String>) -> String {
    Argon2::default()
        .hash_password_with_salt(password.expose().as_bytes(), &crate::random::bytes::<16>())
        .expect("default parameters and a salt of 16 bytes are valid")
        .to_string()
}

fn verify(password: &Private<String>, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok()
}
