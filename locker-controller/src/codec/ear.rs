//! Cuts what comes from the bus into frames. What is a frame depends on what is awaited: a reply
//! names neither its kind nor its length, so only head, address, the profile's exact length and
//! the check byte tell it from anything else. What fits nothing slides by one byte.
//!
//! Chunks may be one byte, half a frame, three frames or noise; the result depends on the bytes
//! alone. The buffer is bounded and every call makes progress.

use super::{
    ByteOrder, Contact, Contacts, FRAME_LEN, FUNC_QUERY, HEAD_OPEN, HEAD_QUERY, HEAD_UPLOAD_81,
    HEAD_UPLOAD_82, LockNo, QUERY_ALL_EXTRA_LEN, frames::Address, xor,
};

/// The one reply that may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    Opened {
        board: Address,
        lock: LockNo,
    },
    /// To query one while it is not known whether the adapter echoes: an echo has the function
    /// code 33 where a reply has 00 or 11.
    Greeting {
        board: Address,
        lock: LockNo,
    },
    All {
        board: Address,
        status_len: u8,
        order: ByteOrder,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Our own query came back.
    Echo,
    Opened(Contact),
    One(Contact),
    All(Contacts),
    /// A board says unasked that a contact changed.
    Upload {
        board: Address,
        lock: LockNo,
        contact: Contact,
    },
    /// A byte that belongs to no frame.
    Noise(u8),
}

#[derive(Debug)]
pub struct Ear {
    buffer: Vec<u8>,
    /// Boards on the bus and their channels: others upload nothing.
    boards: Vec<(Address, u8)>,
}

/// How the front of the buffer fits a frame.
enum Fit {
    No,
    /// So far; bytes are missing.
    More,
    Yes(usize, Heard),
}

impl Ear {
    #[must_use]
    pub fn new(boards: impl IntoIterator<Item = (Address, u8)>) -> Self {
        Self { buffer: Vec::new(), boards: boards.into_iter().collect() }
    }

    /// Takes bytes from the front of `chunk` and yields what they say; `None` when the chunk is
    /// used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8], awaited: Option<Awaited>) -> Option<Heard> {
        loop {
            match self.look(awaited) {
                Fit::Yes(len, heard) => {
                    self.buffer.drain(..len);
                    return Some(heard);
                }
                Fit::No if !self.buffer.is_empty() => {
                    return Some(Heard::Noise(self.buffer.remove(0)));
                }
                Fit::No | Fit::More => {}
            }
            let (first, rest) = chunk.split_first()?;
            self.buffer.push(*first);
            *chunk = rest;
        }
    }

    /// Forgets a half frame (before the next exchange, after a time-out).
    pub fn reset(&mut self) {
        self.buffer.clear();
    }

    /// True when no byte waits for more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn look(&self, awaited: Option<Awaited>) -> Fit {
        let reply = awaited.map_or(Fit::No, |awaited| self.reply(awaited));
        match (reply, self.upload()) {
            (Fit::Yes(len, heard), _) | (_, Fit::Yes(len, heard)) => Fit::Yes(len, heard),
            (Fit::More, _) | (_, Fit::More) => Fit::More,
            (Fit::No, Fit::No) => Fit::No,
        }
    }

    fn reply(&self, awaited: Awaited) -> Fit {
        match awaited {
            Awaited::Opened { board, lock } => {
                self.short(HEAD_OPEN, board, lock, |contact| Some(Heard::Opened(contact?)))
            }
            Awaited::Greeting { board, lock } => {
                let echo = self.last_is(FUNC_QUERY).then_some(Heard::Echo);
                self.short(HEAD_QUERY, board, lock, |contact| contact.map(Heard::One).or(echo))
            }
            Awaited::All { board, status_len, order } => self.all(board, status_len, order),
        }
    }

    fn last_is(&self, byte: u8) -> bool {
        self.buffer.get(FRAME_LEN - 2) == Some(&byte)
    }

    fn upload(&self) -> Fit {
        let [head, rest @ ..] = &self.buffer[..] else { return Fit::No };
        if ![HEAD_UPLOAD_81, HEAD_UPLOAD_82].contains(head) {
            return Fit::No;
        }
        let [board, rest @ ..] = rest else { return Fit::More };
        let known = self.boards.iter().find(|(address, _)| address.get() == *board);
        let Some((board, n_channels)) = known else { return Fit::No };
        let [lock, ..] = rest else { return Fit::More };
        let Some(lock) = LockNo::new(*lock).filter(|lock| lock.get() <= *n_channels) else {
            return Fit::No;
        };
        self.short(*head, *board, lock, |contact| {
            Some(Heard::Upload { board: *board, lock, contact: contact? })
        })
    }

    /// `HEAD BOARD LOCK ST BCC`; `say` is given the contact if ST is one.
    fn short(
        &self,
        head: u8,
        board: Address,
        lock: LockNo,
        say: impl Fn(Option<Contact>) -> Option<Heard>,
    ) -> Fit {
        let front = [head, board.get(), lock.get()];
        if !self.buffer.iter().zip(front).all(|(got, want)| *got == want) {
            return Fit::No;
        }
        let [_, _, _, status, rest @ ..] = &self.buffer[..] else { return Fit::More };
        let Some(heard) = say(Contact::from_byte(*status)) else { return Fit::No };
        match rest {
            [] => Fit::More,
            [_, ..] => self.checked(FRAME_LEN, heard),
        }
    }

    /// `80 BOARD S1 .. Sn 33 BCC`
    fn all(&self, board: Address, status_len: u8, order: ByteOrder) -> Fit {
        let front = [HEAD_QUERY, board.get()];
        if !self.buffer.iter().zip(front).all(|(got, want)| *got == want) {
            return Fit::No;
        }
        let rest = self.buffer.get(front.len()..).unwrap_or_default();
        match rest.split_at_checked(usize::from(status_len)) {
            None | Some((_, [])) => Fit::More,
            Some((_, [func, ..])) if *func != FUNC_QUERY => Fit::No,
            Some((_, [_])) => Fit::More,
            Some((status, _)) => {
                let heard = Heard::All(Contacts::decode(status, order));
                self.checked(status.len() + QUERY_ALL_EXTRA_LEN, heard)
            }
        }
    }

    fn checked(&self, len: usize, heard: Heard) -> Fit {
        if xor(&self.buffer[..len]) == 0 { Fit::Yes(len, heard) } else { Fit::No }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{Command, Reply, UploadHead},
        *,
    };

    const LEN_MAX: usize = 7 + QUERY_ALL_EXTRA_LEN;

    fn board(address: u8) -> Address {
        Address::new(address).unwrap()
    }

    fn lock(number: u8) -> LockNo {
        LockNo::new(number).unwrap()
    }

    fn all_of(address: u8) -> Awaited {
        Awaited::All { board: board(address), status_len: 3, order: ByteOrder::HighFirst }
    }

    fn ear() -> Ear {
        Ear::new([(board(1), 24), (board(2), 24)])
    }

    fn items(ear: &mut Ear, mut chunk: &[u8], awaited: Option<Awaited>) -> Vec<Heard> {
        std::iter::from_fn(|| ear.next(&mut chunk, awaited)).collect()
    }

    fn without_noise(items: Vec<Heard>) -> Vec<Heard> {
        items.into_iter().filter(|heard| !matches!(heard, Heard::Noise(_))).collect()
    }

    fn reply_of(address: u8) -> Vec<u8> {
        let contacts = Contacts::new(3).with(lock(1), Contact::Made);
        Reply::All { board: board(address), contacts, order: ByteOrder::HighFirst }.encode()
    }

    #[test]
    fn garbage_before_a_reply_slides_away_byte_by_byte() {
        let mut bytes = vec![0x00, 0x80, 0x01, 0x80];
        bytes.extend(reply_of(1));
        let heard = items(&mut ear(), &bytes, Some(all_of(1)));
        assert_eq!(heard.len(), 5, "{heard:?}");
        assert!(matches!(heard.last(), Some(Heard::All(_))), "{heard:?}");
    }

    #[test]
    fn the_echo_of_query_all_is_never_a_reply() {
        let echo = Command::QueryAll { board: board(1) }.encode();
        assert_eq!(without_noise(items(&mut ear(), &echo, Some(all_of(1)))), []);
        let mut both = echo.to_vec();
        both.extend(reply_of(1));
        assert_eq!(without_noise(items(&mut ear(), &both, Some(all_of(1)))).len(), 1);
    }

    #[test]
    fn a_greeting_tells_an_echo_from_a_reply() {
        let awaited = Awaited::Greeting { board: board(1), lock: LockNo::FIRST };
        let query = Command::QueryOne { board: board(1), lock: LockNo::FIRST }.encode();
        assert_eq!(items(&mut ear(), &query, Some(awaited)), [Heard::Echo]);
        let contact = Contact::Made;
        let reply = Reply::One { board: board(1), lock: LockNo::FIRST, contact }.encode();
        assert_eq!(items(&mut ear(), &reply, Some(awaited)), [Heard::One(contact)]);
    }

    #[test]
    fn replies_of_another_board_or_lock_are_noise() {
        assert_eq!(without_noise(items(&mut ear(), &reply_of(2), Some(all_of(1)))), []);
        let awaited = Awaited::Opened { board: board(1), lock: lock(2) };
        let other =
            Reply::Opened { board: board(1), lock: lock(3), contact: Contact::Made }.encode();
        assert_eq!(without_noise(items(&mut ear(), &other, Some(awaited))), []);
    }

    #[test]
    fn uploads_of_either_head_are_heard_beside_an_awaited_reply() {
        for head in [UploadHead::H81, UploadHead::H82] {
            let (lock, contact) = (lock(9), Contact::Broken);
            let mut bytes = Reply::Upload { head, board: board(2), lock, contact }.encode();
            bytes.extend(reply_of(1));
            let heard = items(&mut ear(), &bytes, Some(all_of(1)));
            assert_eq!(heard[0], Heard::Upload { board: board(2), lock, contact });
            assert_eq!(heard.len(), 2, "{heard:?}");
        }
    }

    #[test]
    fn uploads_of_unknown_boards_and_locks_are_noise() {
        let contact = Contact::Made;
        for (address, number) in [(3, 1), (1, 25)] {
            let (board, lock) = (board(address), lock(number));
            let bytes = Reply::Upload { head: UploadHead::H82, board, lock, contact }.encode();
            assert_eq!(without_noise(items(&mut ear(), &bytes, None)), []);
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let address = 1_u8..4;
        let status = prop_oneof![Just(Contact::Made), Just(Contact::Broken)];
        let short = (address.clone(), 1_u8..26, status, 0..4).prop_map(|(a, l, contact, kind)| {
            let (board, lock) = (board(a), lock(l));
            match kind {
                0 => Reply::Opened { board, lock, contact },
                1 => Reply::One { board, lock, contact },
                2 => Reply::Upload { head: UploadHead::H81, board, lock, contact },
                _ => Reply::Upload { head: UploadHead::H82, board, lock, contact },
            }
            .encode()
        });
        let frame = prop_oneof![
            address.clone().prop_map(reply_of),
            short,
            address.prop_map(|a| Command::QueryAll { board: board(a) }.encode().to_vec()),
        ];
        let piece = prop_oneof![
            4 => frame.clone(),
            1 => frame.clone().prop_map(|mut bytes| { bytes.truncate(bytes.len() / 2); bytes }),
            1 => frame.prop_map(|mut bytes| { bytes[2] ^= 0x40; bytes }),
            2 => prop::collection::vec(any::<u8>(), 0..20),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    fn awaited() -> impl Strategy<Value = Option<Awaited>> {
        prop_oneof![
            Just(None),
            (1_u8..3).prop_map(|a| Some(all_of(a))),
            (1_u8..3, 1_u8..4)
                .prop_map(|(a, l)| Some(Awaited::Opened { board: board(a), lock: lock(l) })),
            (1_u8..3)
                .prop_map(|a| { Some(Awaited::Greeting { board: board(a), lock: LockNo::FIRST }) }),
        ]
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same(
            bytes in stream(),
            awaited in awaited(),
            cut_len in 1_usize..12,
        ) {
            let mut cut_ear = ear();
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(items(&mut cut_ear, chunk, awaited));
                prop_assert!(cut_ear.buffer.len() < LEN_MAX);
            }
            prop_assert_eq!(cut, items(&mut ear(), &bytes, awaited));
        }

        #[test]
        fn a_reply_after_any_noise_is_found(
            noise in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let mut bytes = noise;
            // The second reply, if the noise ends in the front of a frame that swallows the first.
            bytes.extend(reply_of(1));
            bytes.extend(reply_of(1));
            let found = without_noise(items(&mut ear(), &bytes, Some(all_of(1))));
            prop_assert!(found.iter().any(|heard| matches!(heard, Heard::All(_))));
        }

        #[test]
        fn no_byte_is_lost_or_counted_twice(bytes in stream(), awaited in awaited()) {
            let mut ear = ear();
            let heard = items(&mut ear, &bytes, awaited);
            let len_of = |heard: &Heard| match heard {
                Heard::Noise(_) => 1,
                Heard::All(_) => reply_of(1).len(),
                Heard::Echo | Heard::Opened(_) | Heard::One(_) | Heard::Upload { .. } => FRAME_LEN,
            };
            let n_bytes: usize = heard.iter().map(len_of).sum();
            prop_assert_eq!(n_bytes + ear.buffer.len(), bytes.len());
        }
    }
}
