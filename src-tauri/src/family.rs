//! Several people's codes in one symbol, as the page shows them: it has each who is here presented
//! by their own.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;
use yanma_station::family::FamilyMember;

/// A family's code was read; who of it is here is still to be said.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "family")]
pub(crate) struct FamilyEvent(pub Vec<FamilyMemberView>);

/// One of the people of a family's code.
#[derive(Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FamilyMemberView {
    /// The same for one person in every code of theirs.
    id: String,
    /// Their own code, to be presented once they are said to be here.
    text: String,
    name: String,
    document_type: String,
}

/// Never shows the code.
impl std::fmt::Debug for FamilyMemberView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FamilyMemberView({})", self.document_type)
    }
}

impl From<FamilyMember> for FamilyMemberView {
    fn from(member: FamilyMember) -> Self {
        Self {
            id: member.id,
            text: member.text,
            name: member.name.as_str().to_owned(),
            document_type: member.document_type.to_string(),
        }
    }
}
