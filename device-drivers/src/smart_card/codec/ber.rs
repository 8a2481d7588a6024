//! Tag, length and value (BER, ISO 7816-4) as the objects of a PIV card use them.
//!
//! A length below 128 is one byte; from 128 on `81 xx`, from 256 on `82 xx xx`. Tags are one byte,
//! but for `7F 49`, the public key that a card gives out.

use kiosk_words::Private;

/// A tag of one byte, or of two that begin with a byte ending in five ones.
pub type Tag = u16;

/// Appends tag, length and value. A value is at most 65,535 bytes long.
pub fn put(out: &mut Vec<u8>, tag: Tag, value: &[u8]) {
    let [first, second] = tag.to_be_bytes();
    if first != 0 {
        out.push(first);
    }
    out.push(second);
    let len = u16::try_from(value.len()).expect("objects of a card are short");
    let [high, low] = len.to_be_bytes();
    match len {
        0..=0x7F => out.push(low),
        0x80..=0xFF => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
    out.extend_from_slice(value);
}

/// The same as bytes of their own; may hold a key or a PIN.
#[must_use]
pub fn object(tag: Tag, value: &[u8]) -> Private<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() + 6);
    put(&mut out, tag, value);
    Private::new(out)
}

/// The first object and what follows it. `None`: cut off, or a length that is none.
#[must_use]
pub fn take(bytes: &[u8]) -> Option<(Tag, &[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (tag, rest) = if first & 0x1F == 0x1F {
        let (second, rest) = rest.split_first()?;
        (Tag::from_be_bytes([*first, *second]), rest)
    } else {
        (Tag::from(*first), rest)
    };
    let (len, rest) = match rest {
        [len @ 0..=0x7F, rest @ ..] => (usize::from(*len), rest),
        [0x81, len, rest @ ..] => (usize::from(*len), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    let (value, after) = rest.split_at_checked(len)?;
    Some((tag, value, after))
}

/// Value of the first object with this tag, looked for among its neighbours, not inside them.
#[must_use]
pub fn find(mut bytes: &[u8], wanted: Tag) -> Option<&[u8]> {
    while !bytes.is_empty() {
        let (tag, value, after) = take(bytes)?;
        if tag == wanted {
            return Some(value);
        }
        bytes = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_from_128_on_take_more_bytes() {
        let head = |len: usize| object(0x53, &vec![7; len]).expose()[..4.min(len + 2)].to_vec();
        assert_eq!(head(2), [0x53, 2, 7, 7]);
        assert_eq!(head(127)[..2], [0x53, 0x7F]);
        assert_eq!(head(128)[..3], [0x53, 0x81, 0x80], "not a lone 80, which says something else");
        assert_eq!(head(256), [0x53, 0x82, 0x01, 0x00]);
    }

    #[test]
    fn a_neighbour_is_found_and_what_is_inside_is_not() {
        let bytes = [0x70, 2, 0x71, 0, 0x7F, 0x49, 1, 9, 0x71, 1, 5];
        assert_eq!(find(&bytes, 0x71), Some(&[5][..]));
        assert_eq!(find(&bytes, 0x7F49), Some(&[9][..]));
        assert_eq!(find(&bytes, 0x72), None);
        assert_eq!(find(&[0x70, 3, 1], 0x70), None, "cut off");
        assert_eq!(find(&[0x70, 0x80, 1, 0, 0], 0x70), None, "no length");
    }

    proptest! {
        #[test]
        fn what_was_put_is_taken(
            tag in prop_oneof![Just(0x53_u16), Just(0x7F49), Just(0x7C)],
            value in proptest::collection::vec(any::<u8>(), 0..700),
            after in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = object(tag, &value).expose().clone();
            bytes.extend(&after);
            prop_assert_eq!(take(&bytes), Some((tag, &value[..], &after[..])));
        }
    }
}
