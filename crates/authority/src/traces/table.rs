//! Questions to `entries`.

use jiff::Timestamp;
use uuid::Uuid;
use yanma_protocol::entries::EntryUpload;
use yanma_protocol::traces::{Span, TracePage, Visit};

use super::{Places, page};
use crate::database::stored::{instant, ms};
use crate::database::{Ddl, Row, Session, ToValue, Value};
use crate::error::Error;

/// A site's desks are looked up for every question about it.
pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "CREATE INDEX stations_by_site ON stations (site);",
    postgres: "CREATE INDEX stations_by_site ON stations (site);",
};

const SELECT: &str = "
    SELECT entries.id AS id, entries.at AS at, received_at, station, site,
           stations.name AS station_name, upload
    FROM entries JOIN stations ON stations.id = entries.station
    WHERE ";

/// Where one site's visits begin and end.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) site: String,
    /// From this instant on.
    pub(super) from: Timestamp,
    /// Up to this instant, which is no longer part of it.
    pub(super) until: Timestamp,
    /// Only after this visit: the last one of the page before.
    pub(super) after: Option<(Timestamp, Uuid)>,
}

/// A statement that grows with its values.
struct Question {
    sql: String,
    values: Vec<Value>,
}

impl Question {
    fn new() -> Self {
        Self { sql: SELECT.to_owned(), values: Vec::new() }
    }

    fn text(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    fn value(mut self, value: impl ToValue) -> Self {
        self.values.push(value.to_value());
        let place = format!("${}", self.values.len());
        self.text(&place)
    }

    fn span(self, from: Timestamp, until: Timestamp) -> Self {
        self.text(" AND entries.at >= ").value(ms(from)).text(" AND entries.at < ").value(ms(until))
    }

    fn after(self, after: Option<(Timestamp, Uuid)>) -> Self {
        match after {
            None => self,
            Some((at, id)) => self
                .text(" AND (entries.at, entries.id) > (")
                .value(ms(at))
                .text(", ")
                .value(id)
                .text(")"),
        }
    }

    fn of(mut self, places: &Places) -> Self {
        self =
            self.text("subject_issuer = ").value(places.issuer.0).text(" AND subject_index IN (");
        for (n, index) in places.indexes.iter().enumerate() {
            self = self.text(if n > 0 { ", " } else { "" }).value(index.0);
        }
        self.text(")")
    }

    fn ask(self, session: &Session<'_>, limit: usize) -> Result<Vec<Visit>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let Self { sql, values } =
            self.text(" ORDER BY entries.at, entries.id LIMIT ").value(limit);
        session.rows(&sql, &values, read)
    }
}

pub(super) fn at_site(session: &Session<'_>, site: &str, span: &Span) -> Result<TracePage, Error> {
    let after = span.after.as_ref().map(|after| (after.at, after.id));
    let window = Window { site: site.to_owned(), from: span.from, until: span.until, after };
    // One more than asked for tells whether there is a next page.
    let visits = in_window(session, &window, None, span.limit() + 1)?;
    Ok(page(visits, span.limit()))
}

pub(super) fn of_holder(
    session: &Session<'_>,
    places: &Places,
    span: &Span,
) -> Result<TracePage, Error> {
    let after = span.after.as_ref().map(|after| (after.at, after.id));
    let question = Question::new().of(places).span(span.from, span.until).after(after);
    Ok(page(question.ask(session, span.limit() + 1)?, span.limit()))
}

/// Every visit of a holder, `limit` at most.
pub(super) fn visits_of(
    session: &Session<'_>,
    places: &Places,
    span: &Span,
    limit: usize,
) -> Result<Vec<Visit>, Error> {
    Question::new().of(places).span(span.from, span.until).ask(session, limit)
}

/// The visits in a window; with `except`, only those of others who have a code.
pub(super) fn in_window(
    session: &Session<'_>,
    window: &Window,
    except: Option<&Places>,
    limit: usize,
) -> Result<Vec<Visit>, Error> {
    let mut question = Question::new().text("site = ").value(window.site.as_str());
    if let Some(places) = except {
        question = question.text(" AND subject_index IS NOT NULL AND NOT (").of(places).text(")");
    }
    question.span(window.from, window.until).after(window.after).ask(session, limit)
}

fn read(row: &Row<'_>) -> Result<Visit, Error> {
    let upload: String = row.get("upload")?;
    let entry: EntryUpload = serde_json::from_str(&upload).map_err(|_| Error::Damaged("upload"))?;
    Ok(Visit {
        id: row.get("id")?,
        // As the column has it: cursors compare with that.
        at: instant(row, "at")?,
        received_at: instant(row, "received_at")?,
        amends: entry.amends,
        site: row.get("site")?,
        station: row.get("station")?,
        station_name: row.get("station_name")?,
        subject: entry.subject,
        name_masked: None,
        colour_then: entry.colour,
        colour_now: None,
        decision: entry.decision,
        action: entry.action,
        minutes_apart: None,
    })
}
