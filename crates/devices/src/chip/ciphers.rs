//! The ciphers of Basic Access Control (Doc 9303, part 11, 9.7 and 9.8): two keys of triple DES.

use des::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};

/// A key that keeps secret and a key that vouches.
pub(super) struct Keys {
    secret: TdesEde2,
    first: Des,
    second: Des,
}

impl Keys {
    /// Both keys from what both sides know. DES does not look at the bits of parity.
    pub(super) fn derive(seed: &[u8; 16]) -> Self {
        let key = |number: u8| -> [u8; 16] {
            let digest: [u8; 20] =
                Sha1::new().chain_update(seed).chain_update([0, 0, 0, number]).finalize().into();
            digest.first_chunk().copied().unwrap_or_default()
        };
        let vouching = key(2);
        let half = |at: usize| -> [u8; 8] {
            vouching.get(at..).and_then(|half| half.first_chunk()).copied().unwrap_or_default()
        };
        Self {
            secret: TdesEde2::new(&key(1).into()),
            first: Des::new(&half(0).into()),
            second: Des::new(&half(8).into()),
        }
    }

    /// Whole blocks, chained, beginning with zeros.
    pub(super) fn encrypt(&self, data: &[u8]) -> Vec<u8> {
        let mut last = 0;
        blocks(data)
            .flat_map(|block| {
                last = encrypted(&self.secret, block ^ last);
                last.to_be_bytes()
            })
            .collect()
    }

    /// The reverse.
    pub(super) fn decrypt(&self, data: &[u8]) -> Vec<u8> {
        let mut last = 0;
        blocks(data)
            .flat_map(|block| {
                let plain = decrypted(&self.secret, block) ^ last;
                last = block;
                plain.to_be_bytes()
            })
            .collect()
    }

    /// ISO/IEC 9797-1, algorithm 3 with padding 2.
    pub(super) fn mac(&self, data: &[u8]) -> [u8; 8] {
        let last =
            blocks(&padded(data)).fold(0, |last, block| encrypted(&self.first, block ^ last));
        encrypted(&self.first, decrypted(&self.second, last)).to_be_bytes()
    }
}

fn blocks(data: &[u8]) -> impl Iterator<Item = u64> {
    data.as_chunks::<8>().0.iter().map(|block| u64::from_be_bytes(*block))
}

fn encrypted<C: BlockEncrypt<BlockSize = des::cipher::consts::U8>>(cipher: &C, block: u64) -> u64 {
    let mut block = block.to_be_bytes().into();
    cipher.encrypt_block(&mut block);
    u64::from_be_bytes(block.into())
}

fn decrypted<C: BlockDecrypt<BlockSize = des::cipher::consts::U8>>(cipher: &C, block: u64) -> u64 {
    let mut block = block.to_be_bytes().into();
    cipher.decrypt_block(&mut block);
    u64::from_be_bytes(block.into())
}

/// With `80` and zeros after it, up to whole blocks; at least one byte is added.
pub(super) fn padded(data: &[u8]) -> Vec<u8> {
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(8), 0);
    padded
}

/// What was padded; `None` when it was not.
pub(super) fn unpadded(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    match data.split_at_checked(end)? {
        (content, [0x80, ..]) => Some(content),
        _ => None,
    }
}
