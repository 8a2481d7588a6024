//! Bytes that nobody can guess, of the seed that the station is started with.

use kiosk_words::Private;
use sha2::{Digest as _, Sha256};

/// SHA-256 over the seed and a counter: pick-up codes must not be guessed from ids seen before.
pub(super) struct Random {
    seed: [u8; 32],
    n: u64,
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Random").field("n", &self.n).finish_non_exhaustive()
    }
}

impl Random {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, n: 0 }
    }

    pub(super) fn block(&mut self) -> [u8; 32] {
        self.n += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.n.to_le_bytes()).finalize().into()
    }

    pub(super) fn ten(&mut self) -> [u8; 10] {
        let block = self.block();
        std::array::from_fn(|at| block[at])
    }

    /// Six digits, each equally likely to within 10^-13.
    pub(super) fn code(&mut self) -> Private<String> {
        let block = self.block();
        let number = u64::from_le_bytes(std::array::from_fn(|at| block[at])) % 1_000_000;
        Private::new(format!("{number:06}"))
    }
}
