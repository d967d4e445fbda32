//! Why a text is no certificate.

/// Why a certificate cannot be read. Never carries anything of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Its text has a character, a length or a digit that its kind does not have: a part is
    /// missing, or a scanner changed something. Read it again.
    #[error("the certificate's text was not read whole or not read right")]
    Text,
    /// What was packed cannot be unpacked. Read it again.
    #[error("the certificate cannot be unpacked")]
    Packed,
    /// It unpacks to more than any certificate holds.
    #[error("the certificate unpacks to more than any certificate holds")]
    TooLong,
    /// The signed envelope is not of its form.
    #[error("the certificate's envelope is not of its form")]
    Envelope,
    /// A version of its format that this program does not know. Update the program.
    #[error("the certificate is of a version that is not known here")]
    Version,
    /// A part of a card that names more parts than there can be, or none. Read it again.
    #[error("the part of the card has an impossible number")]
    Part,
    /// A field is missing or is not of its form, by its name.
    #[error("the certificate's field {0} is missing or not of its form")]
    Field(&'static str),
}
