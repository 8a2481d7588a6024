//! Random bytes from the operating system, for keys, tokens, codes and salts.

use zeroize::Zeroizing;

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system's random source answers");
    bytes
}

/// 32 random bytes as 64 hexadecimal digits: a token for a cookie or a link.
pub(crate) fn token() -> Zeroizing<String> {
    Zeroizing::new(hex::encode(bytes::<32>()))
}
