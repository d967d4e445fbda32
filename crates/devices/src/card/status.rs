//! What a reader says of a command, in words for the person at the desk.

use std::fmt;

/// The third status byte of an answer. Source: the module manual that the makers publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status(pub u8);

impl Status {
    /// The command worked.
    pub const DONE: Self = Self(0x90);
    /// A card was found.
    pub const FOUND: Self = Self(0x9F);
    /// A command did not arrive as it was sent.
    pub const DAMAGED: Self = Self(0x10);
    /// There is no card, or one that was read already.
    pub const NO_CARD: Self = Self(0x80);

    /// What it means and what to do, in English.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        self.words().0
    }

    /// What it means and what to do, in Chinese.
    #[must_use]
    pub const fn in_chinese(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self.0 {
            0x90 => ("Done", "操作成功"),
            0x9F => ("Card found", "已找到证件"),
            0x91 => ("The card holds nothing of this kind", "证件中没有此项内容"),
            0x10 => (
                "Bytes were damaged between reader and computer; check the cable",
                "数据在传输中损坏，请检查连接线",
            ),
            0x11 => (
                "The reader got a command of a wrong length; check the cable",
                "读卡器收到的数据长度不对，请检查连接线",
            ),
            0x21 => ("The reader does not know this command", "读卡器不认识此命令"),
            0x23 => ("The reader does not allow this command", "读卡器不允许此操作"),
            0x24 => (
                "The reader reports an unknown error; unplug it and plug it in again",
                "读卡器报告未知错误，请重新插拔",
            ),
            0x31 => (
                "The card did not accept the reader; present it again",
                "证件未通过对读卡器的认证，请重新放置",
            ),
            0x32 => (
                "The reader did not accept the card; it may not be genuine",
                "读卡器未通过对证件的认证，证件可能不是真件",
            ),
            0x33 => (
                "What the card holds failed its check; it may not be genuine",
                "证件信息校验失败，证件可能不是真件",
            ),
            0x40 => ("This kind of card is not known to the reader", "读卡器不支持此类证件"),
            0x41 => (
                "The card could not be read; hold it still and present it again",
                "读取失败，请放稳证件后重试",
            ),
            0x47 => (
                "The reader could not make a random number; unplug it and plug it in again",
                "读卡器取随机数失败，请重新插拔",
            ),
            0x60 => {
                ("The reader failed its self-test and needs service", "读卡器自检失败，需要维修")
            }
            0x66 => (
                "The reader's security module is not authorised; it needs service",
                "读卡器安全模块未经授权，请联系厂家",
            ),
            0x80 => ("No card on the reader", "读卡器上没有证件"),
            0x81 => (
                "The card could not be selected; present one card only",
                "选卡失败，请只放一张证件",
            ),
            _ => (
                "The reader answered with a status that is not in its manual",
                "读卡器返回了手册中没有的状态",
            ),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_status_of_the_manual_has_words_of_its_own() {
        let codes = [
            0x90, 0x9F, 0x91, 0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x40, 0x41, 0x47,
            0x60, 0x66, 0x80, 0x81, 0x00,
        ];
        let english: BTreeSet<_> = codes.map(|code| Status(code).in_english()).into();
        let chinese: BTreeSet<_> = codes.map(|code| Status(code).in_chinese()).into();
        assert_eq!((english.len(), chinese.len()), (codes.len(), codes.len()));
    }
}
