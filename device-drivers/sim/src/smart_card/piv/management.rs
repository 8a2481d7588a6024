//! The management key of a card: who has it may make keys and write objects.
//!
//! Mutual authentication by the standard: the card encrypts a witness, the host shows that it can
//! decrypt it, and the card does the same with the host's challenge.

use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use device_drivers::smart_card::codec::{Answer, StatusWord, ber};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Key reference in GENERAL AUTHENTICATE.
pub(super) const REFERENCE: u8 = 0x9B;
const TRIPLE_DES: u8 = 0x03;
const AES_192: u8 = 0x0A;
/// What cards are delivered with; the same bytes for both ciphers.
pub const FACTORY_KEY: [u8; 24] =
    [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Management {
    algorithm: u8,
    key: [u8; 24],
    /// What was encrypted for the host, until it answers.
    #[serde(skip)]
    witness: Option<Vec<u8>>,
    n_witnesses: u32,
    #[serde(skip)]
    is_open: bool,
}

impl Management {
    pub(super) const fn factory() -> Self {
        Self {
            algorithm: TRIPLE_DES,
            key: FACTORY_KEY,
            witness: None,
            n_witnesses: 0,
            is_open: false,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn forget(&mut self) {
        (self.witness, self.is_open) = (None, false);
    }

    pub(super) fn authenticate(&mut self, algorithm: u8, data: &[u8]) -> Answer {
        if algorithm != self.algorithm {
            return Answer::bare(StatusWord::PARAMETERS);
        }
        let Some(template) = ber::find(data, 0x7C) else {
            return Answer::bare(StatusWord::BAD_DATA);
        };
        let found = |tag| ber::find(template, tag);
        match (found(0x80), found(0x81), self.witness.take()) {
            (Some([]), None, _) => {
                let witness = self.new_witness();
                let answer = said(0x80, &self.encrypted(&witness));
                self.witness = Some(witness);
                answer
            }
            (Some(shown), Some(challenge), Some(witness)) if shown == witness => {
                if challenge.len() != witness.len() {
                    return Answer::bare(StatusWord::BAD_DATA);
                }
                self.is_open = true;
                said(0x82, &self.encrypted(challenge))
            }
            _ => {
                self.is_open = false;
                Answer::bare(StatusWord::SECURITY)
            }
        }
    }

    /// `algorithm 9B length key`.
    pub(super) fn replace(&mut self, data: &[u8]) -> StatusWord {
        match data {
            _ if !self.is_open => StatusWord::SECURITY,
            [algorithm @ (TRIPLE_DES | AES_192), REFERENCE, 24, key @ ..] => {
                let Ok(key) = key.try_into() else { return StatusWord::BAD_DATA };
                (self.algorithm, self.key) = (*algorithm, key);
                StatusWord::OK
            }
            _ => StatusWord::BAD_DATA,
        }
    }

    fn new_witness(&mut self) -> Vec<u8> {
        self.n_witnesses += 1;
        let noise = Sha256::new()
            .chain_update(self.key)
            .chain_update(self.n_witnesses.to_be_bytes())
            .finalize();
        noise[..if self.algorithm == TRIPLE_DES { 8 } else { 16 }].to_vec()
    }

    fn encrypted(&self, block: &[u8]) -> Vec<u8> {
        match self.algorithm {
            TRIPLE_DES => encrypt::<des::TdesEde3>(&self.key, block),
            _ => encrypt::<aes::Aes192>(&self.key, block),
        }
    }
}

fn encrypt<C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt>(
    key: &[u8],
    block: &[u8],
) -> Vec<u8> {
    let cipher = C::new_from_slice(key).expect("both ciphers take keys of 24 bytes");
    let mut block = Block::<C>::try_from(block).expect("a block of this cipher");
    cipher.encrypt_block(&mut block);
    block.to_vec()
}

fn said(tag: ber::Tag, value: &[u8]) -> Answer {
    let mut inside = Vec::new();
    ber::put(&mut inside, tag, value);
    Answer::ok(ber::object(0x7C, &inside).expose().clone())
}
