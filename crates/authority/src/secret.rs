//! Random secrets that callers carry: session tokens, station and clerk tokens, enrolment
//! codes. The database keeps only their hashes.

use sha2::{Digest, Sha256};

use crate::error::Error;

/// The hash of a token, as kept in the database. A plain SHA-256 is enough: the token itself
/// has 256 random bits, or is one-time and short-lived.
pub(crate) type TokenHash = [u8; 32];

/// A new token: 64 hexadecimal digits from 32 random bytes.
pub(crate) fn new_token() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Error::Randomness)?;
    Ok(hex::encode(bytes))
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Randomness)?;
    Ok(bytes)
}

/// What the database keeps of a token.
pub(crate) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// The letters of a code that is typed: Crockford's base 32, which leaves out I, L, O and U, so
/// that a code can be read out on the phone.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new code for enrolling a desk or for recovering an account at the console: 60 random bits
/// as `XXXX-XXXX-XXXX`.
pub(crate) fn new_typed_code() -> Result<String, Error> {
    let bytes: [u8; 12] = random()?;
    let mut code = String::with_capacity(14);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(code)
}

/// The same code whatever case, hyphens and spaces it was typed with; look-alikes
/// become the letter that was meant.
pub(crate) fn normalise_typed_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_typed() {
        let code = new_typed_code().unwrap();
        assert_eq!(code.len(), 14);
        let plain = normalise_typed_code(&code);
        assert_eq!(plain.len(), 12);
        assert_eq!(normalise_typed_code(&code.to_lowercase().replace('-', " ")), plain);
        assert_eq!(normalise_typed_code("oil0"), "0110");
    }

    #[test]
    fn tokens_are_not_repeated() {
        let token = new_token().unwrap();
        assert_eq!(token.len(), 64);
        assert_ne!(token, new_token().unwrap());
        assert_ne!(hash(&token), hash(&new_token().unwrap()));
    }
}
