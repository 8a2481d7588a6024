//! The management key of a PIV card (reference 9B): who has it may make keys and write objects.
//!
//! `protocols/id-reader.md`, section 2.6: the mutual way, in which the card proves itself as well.

use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};
use device_drivers::smart_card::codec::{Answer, Command, ber};
use kiosk_words::Private;

/// Key reference in GENERAL AUTHENTICATE.
const REFERENCE: u8 = 0x9B;
const KEY_LEN: usize = 24;
/// The same bytes for both ciphers.
const FACTORY: [u8; KEY_LEN] =
    [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    TripleDes,
    Aes192,
}

impl Cipher {
    const fn algorithm(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Aes192 => 0x0A,
        }
    }

    pub(super) const fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes192 => 16,
        }
    }
}

pub(super) struct ManagementKey {
    pub(super) cipher: Cipher,
    key: Private<[u8; KEY_LEN]>,
}

impl ManagementKey {
    pub(super) const fn factory(cipher: Cipher) -> Self {
        Self { cipher, key: Private::new(FACTORY) }
    }

    /// Known to nobody once this is dropped.
    pub(super) fn random(cipher: Cipher) -> Option<Self> {
        let mut key = [0; KEY_LEN];
        getrandom::fill(&mut key).ok()?;
        // Parity bits of DES: cards check them, and AES takes any byte.
        for byte in &mut key {
            *byte = (*byte & 0xFE) | u8::from((*byte & 0xFE).count_ones() % 2 == 0);
        }
        Some(Self { cipher, key: Private::new(key) })
    }

    /// One block. `None`: it is not as long as a block.
    pub(super) fn decrypted(&self, block: &[u8]) -> Option<Vec<u8>> {
        match self.cipher {
            Cipher::TripleDes => decrypt::<des::TdesEde3>(self.key.expose(), block),
            Cipher::Aes192 => decrypt::<aes::Aes192>(self.key.expose(), block),
        }
    }

    /// Data of the command that sets this key: `algorithm 9B length key`.
    pub(super) fn as_set(&self) -> Private<Vec<u8>> {
        let len = u8::try_from(KEY_LEN).expect("24 fits");
        let head = [self.cipher.algorithm(), REFERENCE, len];
        Private::new([&head[..], &self.key.expose()[..]].concat())
    }
}

fn decrypt<C: KeyInit + BlockCipherDecrypt>(key: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    let mut block = Block::<C>::try_from(block).ok()?;
    cipher.decrypt_block(&mut block);
    Some(block.to_vec())
}

pub(super) fn ask_witness(cipher: Cipher) -> Command {
    ask(cipher, &[0x80, 0x00])
}

/// The witness as it was before the card encrypted it, and something for the card to encrypt.
pub(super) fn show(cipher: Cipher, witness: &[u8], challenge: &[u8]) -> Command {
    let mut inside = Vec::new();
    ber::put(&mut inside, 0x80, witness);
    ber::put(&mut inside, 0x81, challenge);
    ask(cipher, &inside)
}

fn ask(cipher: Cipher, inside: &[u8]) -> Command {
    let template = ber::object(0x7C, inside);
    let command = Command::new(Command::GENERAL_AUTHENTICATE, cipher.algorithm(), REFERENCE);
    command.with(template.expose()).expecting(0)
}

pub(super) fn answer_of(answer: &Answer, tag: ber::Tag) -> Option<Vec<u8>> {
    let template = ber::find(answer.data.expose(), 0x7C)?;
    ber::find(template, tag).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_has_the_parity_that_cards_check() {
        let key = ManagementKey::random(Cipher::TripleDes).unwrap();
        assert!(key.key.expose().iter().all(|byte| byte.count_ones() % 2 == 1));
        assert_ne!(*key.key.expose(), FACTORY);
        assert_eq!(key.as_set().expose()[..3], [0x03, 0x9B, 24]);
    }

    #[test]
    fn a_block_of_another_length_is_none() {
        for cipher in [Cipher::TripleDes, Cipher::Aes192] {
            let key = ManagementKey::factory(cipher);
            assert!(key.decrypted(&vec![0; cipher.block_len()]).is_some());
            assert!(key.decrypted(&[0; 7]).is_none());
        }
    }
}
