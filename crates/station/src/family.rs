//! Several people's codes in one symbol: who of them is here is for the operator to say.

use yanma_domain::code::DecodedCode;
use yanma_domain::document::DocumentType;
use yanma_domain::evidence::Evidence;
use yanma_domain::name::MaskedName;

use crate::reading::{Input, Reading};

/// One of the people of a family's code.
#[derive(Clone, PartialEq, Eq)]
pub struct FamilyMember {
    /// The same for one person in every code of theirs: issuer and place in the status list.
    pub id: String,
    /// The text of their own code: presented by itself once they are said to be here.
    pub text: String,
    /// The masked name; nobody has verified it yet.
    pub name: MaskedName,
    /// The kind of document that the code was claimed with.
    pub document_type: DocumentType,
}

/// Never shows the code.
impl std::fmt::Debug for FamilyMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FamilyMember({})", self.document_type)
    }
}

impl Reading {
    /// The people of a family's code, in its order; `None` for any other reading.
    #[must_use]
    pub fn family(&self) -> Option<Vec<FamilyMember>> {
        let Input::Text(_) = self.input else { return None };
        let Evidence::Family(family) = self.evidence() else { return None };
        let member = |code: &DecodedCode| FamilyMember {
            id: format!("{}-{}", code.body().key.issuer, code.body().index.0),
            text: code.digits(),
            name: code.body().name.clone(),
            document_type: code.body().document_type,
        };
        Some(family.codes().iter().map(member).collect())
    }
}
