//! Secure messaging (Doc 9303, part 11, 9.8): commands and answers that nobody can read or change.

use super::ciphers::{Keys, padded, unpadded};

const ENCRYPTED: u8 = 0x87;
const LENGTH: u8 = 0x97;
const STATUS: u8 = 0x99;
const MAC: u8 = 0x8E;

/// The keys of one conversation, and how many commands and answers there were.
pub(super) struct Messaging {
    keys: Keys,
    counter: u64,
}

impl Messaging {
    /// After both sides agreed on keys.
    pub(super) fn new(keys: Keys, counter: u64) -> Self {
        Self { keys, counter }
    }

    fn mac(&mut self, parts: &[&[u8]]) -> [u8; 8] {
        self.counter = self.counter.wrapping_add(1);
        let all = [&self.counter.to_be_bytes()[..], &parts.concat()].concat();
        self.keys.mac(&all)
    }

    /// A command with its protection. `data` has at most 100 bytes; `length` is how many bytes
    /// are wanted.
    pub(super) fn command(
        &mut self,
        [class, instruction, first, second]: [u8; 4],
        data: Option<&[u8]>,
        length: Option<u8>,
    ) -> Vec<u8> {
        let header = [class | 0x0C, instruction, first, second];
        let mut objects = Vec::new();
        if let Some(data) = data {
            let encrypted = self.keys.encrypt(&padded(data));
            put(&mut objects, ENCRYPTED, &[&[0x01][..], &encrypted].concat());
        }
        if let Some(length) = length {
            put(&mut objects, LENGTH, &[length]);
        }
        let mac = self.mac(&[&padded(&header), &objects]);
        put(&mut objects, MAC, &mac);
        let count = u8::try_from(objects.len()).unwrap_or(u8::MAX);
        [&header[..], &[count], &objects, &[0x00]].concat()
    }

    /// Data and status of a protected answer; `None` when its protection does not hold.
    pub(super) fn answer(&mut self, objects: &[u8]) -> Option<(Vec<u8>, u16)> {
        let mut rest = objects;
        let (mut encrypted, mut status, mut mac) = (None, None, None);
        while mac.is_none() {
            let (tag, content, after) = object(rest)?;
            match tag {
                ENCRYPTED if encrypted.is_none() && status.is_none() => encrypted = Some(content),
                STATUS if status.is_none() => status = Some(content),
                MAC if after.is_empty() => mac = Some(content),
                _ => return None,
            }
            if mac.is_none() {
                rest = after;
            }
        }
        let covered = objects.get(..objects.len() - rest.len())?;
        if self.mac(&[covered]) != *mac? {
            return None;
        }
        let status = u16::from_be_bytes(status?.try_into().ok()?);
        let data = match encrypted {
            None => Vec::new(),
            Some([0x01, encrypted @ ..]) if encrypted.len().is_multiple_of(8) => {
                unpadded(&self.keys.decrypt(encrypted))?.to_vec()
            }
            Some(_) => return None,
        };
        Some((data, status))
    }
}

/// What is put here is shorter than 128 bytes.
fn put(objects: &mut Vec<u8>, tag: u8, content: &[u8]) {
    objects.extend([tag, u8::try_from(content.len()).unwrap_or(u8::MAX)]);
    objects.extend(content);
}

/// The first object: tag, content, and what comes after.
fn object(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = match bytes {
        [tag, length @ 0..=0x7F, rest @ ..] => (tag, usize::from(*length), rest),
        [tag, 0x81, length, rest @ ..] => (tag, usize::from(*length), rest),
        [tag, 0x82, high, low, rest @ ..] => {
            (tag, usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}
