//! Cuts fields of known length off the front of an ASCII text.

use super::{PassError, PassField};

pub(super) struct Cut<'a>(&'a str);

impl<'a> Cut<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    pub(super) fn take(&mut self, length: usize, field: PassField) -> Result<&'a str, PassError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(PassError::Short(field))?;
        self.0 = rest;
        Ok(taken)
    }

    /// A field without the spaces around it.
    pub(super) fn word(&mut self, length: usize, field: PassField) -> Result<String, PassError> {
        self.take(length, field).map(|text| text.trim().to_owned())
    }

    pub(super) fn letters(&mut self, length: usize, field: PassField) -> Result<String, PassError> {
        let text = self.take(length, field)?;
        let letters = text.bytes().all(|byte| byte.is_ascii_uppercase());
        letters.then(|| text.to_owned()).ok_or(PassError::Field(field))
    }

    /// Two hexadecimal digits.
    pub(super) fn size(&mut self, field: PassField) -> Result<usize, PassError> {
        let digits = self.take(2, field)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = usize::from_str_radix(digits, 16).ok().filter(|_| plain);
        size.ok_or(PassError::Field(field))
    }

    pub(super) fn part(&mut self, length: usize, field: PassField) -> Result<Self, PassError> {
        self.take(length, field).map(Self)
    }

    pub(super) fn part_by_size(&mut self, field: PassField) -> Result<Self, PassError> {
        let size = self.size(field)?;
        self.part(size, field)
    }

    /// An item that may be absent: cut off by the size of its part, or nothing but spaces.
    pub(super) fn item(&mut self, length: usize) -> Option<String> {
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        let text = taken.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}
