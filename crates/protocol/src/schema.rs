//! The forms of texts that [`crate::field`] checks, as JSON schema. Each stands in for a
//! `String` or a `Secret` in the description of a request; the limits are the same constants.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{accounts, appeals, facts, field, identity, second_factor, verify};

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident = $schema:tt;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

/// One character that is neither white space nor a control character, with any that are no
/// control characters around it.
const NOT_BLANK: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// Two such characters with at least two between: four characters after the spaces at both
/// ends are gone.
const FOUR_TRIMMED: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]{2,}[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// Line breaks and tabs, and no other control character: [`field::prose`].
const PROSE: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";

forms! {
    /// [`field::word`]
    Word = {
        "type": "string",
        "minLength": 1,
        "maxLength": field::WORD_MAX_CHARS,
        "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    };
    /// [`field::label`]
    Label = {
        "type": "string",
        "minLength": 1,
        "maxLength": field::LABEL_MAX_CHARS,
        "pattern": NOT_BLANK,
    };
    /// [`field::label`] in each language.
    Labels = {
        "type": "object",
        "properties": {
            "zh": {
                "type": "string",
                "minLength": 1,
                "maxLength": field::LABEL_MAX_CHARS,
                "pattern": NOT_BLANK,
            },
            "en": {
                "type": "string",
                "minLength": 1,
                "maxLength": field::LABEL_MAX_CHARS,
                "pattern": NOT_BLANK,
            },
        },
        "required": ["zh", "en"],
        "additionalProperties": false,
    };
    /// [`field::reason`]
    Reason = {
        "type": "string",
        "minLength": field::REASON_MIN_CHARS,
        "maxLength": field::REASON_MAX_CHARS,
        "pattern": FOUR_TRIMMED,
    };
    /// A one-time password of six digits.
    OneTimeCode = { "type": "string", "pattern": "^[0-9]{6}$" };
    /// A recovery code as it is typed.
    RecoveryCode = {
        "type": "string",
        "minLength": second_factor::RECOVERY_MIN_CHARS,
        "maxLength": second_factor::RECOVERY_MAX_CHARS,
    };
    /// [`field::reason_code`]
    ReasonCode = { "type": "string", "pattern": "^[A-Z]-[A-Z]{2,6}$" };
    /// [`accounts::check_phone`]
    Phone = { "type": "string", "pattern": r"^(1[0-9]{10}|\+[0-9]{6,15})$" };
    /// A password that is being chosen.
    Password = {
        "type": "string",
        "format": "password",
        "minLength": accounts::PASSWORD_MIN_CHARS,
        "maxLength": accounts::PASSWORD_MAX_CHARS,
    };
    /// A password that may be the right one.
    TriedPassword = {
        "type": "string",
        "format": "password",
        "minLength": 1,
        "maxLength": accounts::PASSWORD_MAX_CHARS,
    };
    /// The number of a document, as typed. Its check digit is in no pattern.
    Number = { "type": "string", "minLength": 1, "maxLength": field::NUMBER_MAX_CHARS };
    /// A person's name, as typed.
    Name = { "type": "string", "minLength": 1, "maxLength": 60, "pattern": r"\S" };
    /// Six digits of GB/T 2260; the provinces are those of [`crate::claims::is_province`].
    Area = {
        "type": "string",
        "pattern": "^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|81|82)[0-9]{4}$",
    };
    /// What is wrong with a colour, in the holder's words.
    Appeal = {
        "type": "string",
        "minLength": appeals::WORDS_MIN_CHARS,
        "maxLength": appeals::WORDS_MAX_CHARS,
        "pattern": PROSE,
    };
    /// What a holder is told.
    Answer = {
        "type": "string",
        "minLength": 1,
        "maxLength": appeals::WORDS_MAX_CHARS,
        "pattern": PROSE,
    };
    /// A note about a fact.
    Detail = {
        "type": "string",
        "minLength": 1,
        "maxLength": facts::DETAIL_MAX_CHARS,
        "pattern": PROSE,
    };
    /// [`appeals::is_facts_tag`]
    FactsTag = { "type": "string", "pattern": "^[0-9a-f]{16}$" };
    /// The code that came by SMS.
    SmsCode = { "type": "string", "pattern": "^[0-9]{4,8}$" };
    /// A picture in base64.
    Picture = {
        "type": "string",
        "contentEncoding": "base64",
        "contentMediaType": "image/jpeg",
        "minLength": identity::FACE_MIN_CHARS,
        "maxLength": identity::FACE_MAX_CHARS,
        "pattern": "^[A-Za-z0-9+/=]*$",
    };
    /// What a clerk hands out for a desk.
    EnrolmentCode = { "type": "string", "pattern": "^[A-Za-z0-9-]{8,64}$" };
    /// The text of a health code that is to be checked. What is none is refused in its own
    /// place, whatever its length.
    CodeText = { "type": "string" };
    /// The text of a health code that is kept.
    KeptCode = { "type": "string", "minLength": 1, "maxLength": verify::MAX_CODE_CHARS };
}
