//! The online answer (验码), from memory.

use yanma_domain::IssuerId;
use yanma_domain::code::{CodeError, DecodedCode, VerifyError};
use yanma_domain::trust::TrustList;
use yanma_protocol::verify::{VerifyAnswer, VerifyItem};

use crate::error::Error;
use crate::lists::{ListedHolder, Lists};

/// What this authority knows about one item now.
///
/// A code that holds is looked up by its index and not believed further: its colour is the
/// one of its issue. Age and lifetime are the desk's to judge. An index that was never
/// issued is unknown, although its cell in the published list is green.
///
/// # Errors
///
/// [`Error::Panicked`].
pub(crate) fn answer(
    item: &VerifyItem,
    issuer: IssuerId,
    trust: &TrustList,
    lists: &Lists,
) -> Result<VerifyAnswer, Error> {
    let holder = match item {
        VerifyItem::Document(document) => lists.of_document(document.hash)?,
        VerifyItem::Code(text) => match read(text.reveal(), trust) {
            Ok(code) if code.body().key.issuer == issuer => lists.at(code.body().index)?,
            Ok(_) => None,
            Err(code) => {
                return Ok(VerifyAnswer::Refused { code: code.to_owned() });
            }
        },
    };
    Ok(match holder {
        None => VerifyAnswer::Unknown,
        Some(ListedHolder { index, colour, name }) => VerifyAnswer::Known {
            issuer,
            index,
            colour,
            name_masked: Some(name.as_str().to_owned()),
        },
    })
}

fn read(text: &str, trust: &TrustList) -> Result<yanma_domain::code::VerifiedCode, &'static str> {
    let decoded = DecodedCode::from_text(text).map_err(|misfit| match misfit {
        CodeError::Incomplete => "F-PART",
        CodeError::Malformed(_) => "F-FORM",
        CodeError::Version(_) | CodeError::Profile(_) => "F-VER",
    })?;
    decoded.verify(trust).map_err(|misfit| match misfit {
        VerifyError::UnknownIssuer => "S-ISS",
        VerifyError::UnknownKey => "S-KEY",
        VerifyError::Signature => "S-SIG",
        VerifyError::KeyNotInForce => "S-KDT",
    })
}
