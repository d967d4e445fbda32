//! The two check digits of Chinese documents: MOD 11-2 and the 7-3-1 of machine-readable
//! travel documents.

/// The weights of GB 11643, which are 2^17 … 2^1 modulo 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check character for each remainder modulo 11.
const CHARACTERS: &[u8; 11] = b"10X98765432";

/// The 18th character of a resident number: ISO 7064 MOD 11-2, GB 11643.
///
/// `digits` are the 17 ASCII digits before it; the answer is an ASCII digit or `X`. `None`
/// when there are not exactly 17 bytes or one of them is no digit. The check detects every
/// single wrong digit and every swap of two neighbours.
///
/// ```
/// use yanma_domain::document::check_digit::mod_11_2;
/// assert_eq!(mod_11_2(b"11010519491231002"), Some(b'X'));
/// ```
#[must_use]
pub fn mod_11_2(digits: &[u8]) -> Option<u8> {
    if digits.len() != WEIGHTS.len() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 =
        digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHARACTERS.get(sum as usize % 11).copied()
}

/// The check digit of ICAO Doc 9303: weights 7, 3, 1, modulo 10; `<` counts 0 and letters
/// 10 to 35.
///
/// The answer is an ASCII digit; `None` when a byte is none of `0-9 A-Z <`.
///
/// ```
/// use yanma_domain::document::check_digit::icao_731;
/// assert_eq!(icao_731(b"L898902C3"), Some(b'6'));
/// ```
#[must_use]
pub fn icao_731(text: &[u8]) -> Option<u8> {
    let mut sum = 0u32;
    for (byte, weight) in text.iter().zip([7, 3, 1].into_iter().cycle()) {
        let value = match byte {
            b'<' => 0,
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        // Reduced at once, so that no length of text can overflow.
        sum = (sum + u32::from(value) * weight) % 10;
    }
    u8::try_from(sum).ok().map(|digit| b'0' + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_mod_11_2(digits: &str, expect: Option<char>) {
        assert_eq!(mod_11_2(digits.as_bytes()).map(char::from), expect);
    }

    #[test]
    fn mod_11_2_of_the_worked_numbers() {
        check_mod_11_2("11010519491231002", Some('X')); // the sample of GB 11643
        check_mod_11_2("44052418800101001", Some('4'));
        check_mod_11_2("35010019000101000", Some('4'));
        check_mod_11_2("35010019000101001", Some('2'));
        check_mod_11_2("81000019900101001", Some('9'));
        check_mod_11_2("91139819901231002", Some('1'));
        check_mod_11_2("1101051949123100", None);
        check_mod_11_2("110105194912310021", None);
        check_mod_11_2("1101051949123100X", None);
    }

    #[track_caller]
    fn check_icao(text: &str, expect: Option<char>) {
        assert_eq!(icao_731(text.as_bytes()).map(char::from), expect);
    }

    #[test]
    fn icao_731_of_published_specimens() {
        check_icao("L898902C3", Some('6'));
        check_icao("D23145890", Some('7'));
        check_icao("740812", Some('2'));
        check_icao("120415", Some('9'));
        check_icao("ZE184226B<<<<<", Some('1'));
        check_icao("KAZ11009012310", Some('5'));
        check_icao("UTO35010001010", Some('4'));
        check_icao("", Some('0'));
        check_icao("<<<", Some('0'));
        check_icao("a", None);
        check_icao("12-3", None);
    }
}
