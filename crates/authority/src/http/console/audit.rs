//! Reading who did what.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use yanma_protocol::audit::{AuditQuery, AuditRecord};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::Right;
use crate::http::callers::Official;
use crate::http::csv::{WantsCsv, csv};
use crate::http::error::Failure;
use crate::http::query::Asked;

pub(super) async fn page(
    State(authority): App,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
    Asked(query): Asked<AuditQuery>,
) -> Result<Response, Failure> {
    let clerk = official.with(Right::ReadAudit)?;
    let limit = query.check()?;
    if wants_csv {
        let note = Note::new(Deed::ExportAudit, "")
            .with("limit", limit)
            .with("before", query.before.map_or(String::new(), |before| before.to_string()));
        audit::note_first(&authority.database, &clerk, note, authority.clock.now()).await?;
    }
    let page = authority.database.read(move |session| audit::page(session, &query, limit)).await?;
    if !wants_csv {
        return Ok(Json(page).into_response());
    }
    let head =
        ["place", "at", "clerk", "name", "role", "deed", "subject", "reason", "detail", "hash"];
    let next = page.next.map(|next| next.to_string());
    Ok(csv(head, page.records.into_iter().map(row), next)?)
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
