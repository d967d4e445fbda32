//! Reading who did what.

use axum::extract::State;
use yanma_protocol::audit::{AUDIT_PATH, AuditPage, AuditQuery, AuditRecord};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::needed::ReadAudit;
use crate::http::answers::JsonOrCsv;
use crate::http::callers::Official;
use crate::http::csv::{WantsCsv, csv};
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::http::query::Asked;

pub(super) fn routes() -> Routes {
    Routes::new(Tag::Clerks).get(AUDIT_PATH, page, "Who did what, the newest first", |it| {
        it.says("Asking for CSV is itself noted, with the filters.")
    })
}

async fn page(
    State(authority): App,
    Official { clerk, .. }: Official<ReadAudit>,
    WantsCsv(wants_csv): WantsCsv,
    Asked(query): Asked<AuditQuery>,
) -> Result<JsonOrCsv<AuditPage>, Failure> {
    let limit = query.check()?;
    if wants_csv {
        let note = Note::new(Deed::ExportAudit, "").with("limit", limit);
        let filters = audit::filters(&query).into_iter();
        let note = filters.fold(note, |note, (name, value)| note.with(name, value));
        audit::note_first(&authority.database, &clerk, note, authority.clock.now()).await?;
    }
    let page = authority.database.read(move |session| audit::page(session, &query, limit)).await?;
    if !wants_csv {
        return Ok(JsonOrCsv::Json(page));
    }
    let head =
        ["place", "at", "clerk", "name", "role", "deed", "subject", "reason", "detail", "hash"];
    let next = page.next.map(|next| next.to_string());
    Ok(JsonOrCsv::Csv(csv(head, page.records.into_iter().map(row), next)?))
}

fn row(record: AuditRecord) -> [String; 10] {
    let detail = record.detail.iter().map(|(name, value)| format!("{name}={value}"));
    [
        record.place.to_string(),
        record.at.to_string(),
        record.clerk.to_string(),
        record.name,
        record.role.as_str().to_owned(),
        record.deed,
        record.subject,
        record.reason.unwrap_or_default(),
        detail.collect::<Vec<_>>().join("; "),
        record.hash.to_string(),
    ]
}
