//! What a card reader would say of a synthetic person's resident card: a SAM_V frame.
//!
//! Layout: 256 bytes of UTF-16LE text at fixed places, then 1024 bytes of photo, which is left
//! empty. The reader's preamble, a length and an XOR check stand around them.

/// The text of a resident card.
#[derive(Debug, Clone, Copy)]
pub struct ResidentCard<'a> {
    /// Up to 15 characters.
    pub name: &'a str,
    /// 18 digits, the last of which may be `X`.
    pub number: &'a str,
}

impl ResidentCard<'_> {
    /// The reader's answer to "read text and photo", 1295 bytes.
    #[must_use]
    pub fn frame(&self) -> Vec<u8> {
        let digits: Vec<char> = self.number.chars().collect();
        let birth: String = digits.iter().skip(6).take(8).collect();
        // The seventeenth digit is odd for men.
        let odd = digits.get(16).and_then(|digit| digit.to_digit(10)).is_some_and(|d| d % 2 == 1);
        let mut text = [b' ', 0].repeat(128);
        let fields = [
            (0, self.name),
            (30, if odd { "1" } else { "2" }),
            (32, "01"),
            (36, &birth),
            (52, "福建省福州市测试区样本路1号"),
            (122, self.number),
            (158, "福州市公安局测试分局"),
            (188, "20200101"),
            (204, "长期"),
        ];
        for (offset, value) in fields {
            let place = text.iter_mut().skip(offset);
            for (cell, byte) in place.zip(value.encode_utf16().flat_map(u16::to_le_bytes)) {
                *cell = byte;
            }
        }
        let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
        body.extend(text);
        body.extend([0; 1024]);
        answer(&body)
    }

    /// The frame as hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.frame().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Puts the reader's preamble, the length and the check around `body`.
fn answer(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 1).unwrap_or(u16::MAX);
    let mut frame = vec![0xaa, 0xaa, 0xaa, 0x96, 0x69];
    frame.extend(length.to_be_bytes());
    frame.extend(body);
    let check = frame.iter().skip(5).fold(0, |check, byte| check ^ byte);
    frame.push(check);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specimen_card_has_the_published_check() {
        let card = ResidentCard { name: "证件样本", number: "11010519491231002X" };
        let frame = card.frame();
        assert_eq!(frame.len(), 1295);
        assert_eq!(frame[..14], [0xaa, 0xaa, 0xaa, 0x96, 0x69, 5, 8, 0, 0, 0x90, 1, 0, 4, 0]);
        assert_eq!(frame[1294], 0x84);
        assert!(card.hex().starts_with("aaaaaa9669050800009001000400c18b"));
    }

    #[test]
    fn an_answer_without_data_is_whole() {
        assert_eq!(answer(&[0, 0, 0x80]), [0xaa, 0xaa, 0xaa, 0x96, 0x69, 0, 4, 0, 0, 0x80, 0x84]);
    }
}
