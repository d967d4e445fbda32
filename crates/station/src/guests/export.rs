//! The register taken out: CSV and JSON (`docs/guest-register.md`).

use std::io::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;
use yanma_protocol::spreadsheet::harmless;
use yanma_store::{GuestFilter, GuestRow};

use super::report_due;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::log::ExportError;
use crate::rights::Right;

/// How the register is taken out (`docs/guest-register.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestFormat {
    /// RFC 4180, UTF-8, one line for each guest under a header line.
    Csv,
    /// One JSON array of one object for each guest.
    Json,
}

impl Desk {
    /// Writes the guests of the days from `from` to `to` whole, the oldest first. It is
    /// written down who did it and for which days.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when the store cannot be read or `out` not be written.
    pub fn export_guests(
        &self,
        from: Date,
        to: Date,
        format: GuestFormat,
        out: &mut dyn Write,
    ) -> Result<u64, ExportError> {
        self.reveal(Right::ExportGuests, "export-guests", Some(&format!("{from}/{to}")))?;
        let begin = |day: Date| {
            day.to_zoned(TimeZone::system())
                .map(|zoned| zoned.timestamp())
                .map_err(|_| DeskError::bad_field("from"))
        };
        let filter = GuestFilter {
            here: false,
            from: Some(begin(from)?),
            to: Some(begin(to.saturating_add(Span::new().days(1)))?),
            limit: u32::MAX,
            text: None,
        };
        let mut guests = self.store.guests(&filter).map_err(DeskError::from)?;
        guests.reverse();
        let lines: Vec<_> = guests.iter().map(GuestLine::of).collect();
        match format {
            GuestFormat::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(GuestLine::COLUMNS)?;
                for line in &lines {
                    csv.write_record(line.cells().map(harmless))?;
                }
                csv.flush()?;
            }
            GuestFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &lines).map_err(std::io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(lines.len() as u64)
    }
}

/// A guest as the register is taken out.
#[derive(Serialize)]
struct GuestLine<'a> {
    number: u64,
    name: &'a str,
    sex: &'a str,
    ethnicity: &'a str,
    born: String,
    nationality: &'a str,
    document_type: &'a str,
    document: &'a str,
    address: &'a str,
    room: &'a str,
    arrived_at: String,
    due: String,
    left_at: String,
    foreigner: bool,
    report_due_at: String,
    reported_at: String,
    party: String,
    operator: &'a str,
}

impl<'a> GuestLine<'a> {
    const COLUMNS: [&'static str; 18] = [
        "number",
        "name",
        "sex",
        "ethnicity",
        "born",
        "nationality",
        "document_type",
        "document",
        "address",
        "room",
        "arrived_at",
        "due",
        "left_at",
        "foreigner",
        "report_due_at",
        "reported_at",
        "party",
        "operator",
    ];

    fn of(guest: &'a GuestRow) -> Self {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let report_due = report_due(guest);
        Self {
            number: guest.number,
            name: &guest.name,
            sex: guest.sex.as_deref().unwrap_or_default(),
            ethnicity: guest.ethnicity.as_deref().unwrap_or_default(),
            born: guest.born.map(|day| day.to_string()).unwrap_or_default(),
            nationality: &guest.nationality,
            document_type: &guest.document_type,
            document: &guest.document,
            address: &guest.address,
            room: &guest.room,
            arrived_at: guest.arrived_at.to_string(),
            due: guest.due.to_string(),
            left_at: at(guest.left_at),
            foreigner: report_due.is_some(),
            report_due_at: at(report_due),
            reported_at: at(guest.reported_at),
            party: guest.party.to_string(),
            operator: guest.operator.as_deref().unwrap_or_default(),
        }
    }

    fn cells(&self) -> [String; 18] {
        [
            self.number.to_string(),
            self.name.to_owned(),
            self.sex.to_owned(),
            self.ethnicity.to_owned(),
            self.born.clone(),
            self.nationality.to_owned(),
            self.document_type.to_owned(),
            self.document.to_owned(),
            self.address.to_owned(),
            self.room.to_owned(),
            self.arrived_at.clone(),
            self.due.clone(),
            self.left_at.clone(),
            self.foreigner.to_string(),
            self.report_due_at.clone(),
            self.reported_at.clone(),
            self.party.clone(),
            self.operator.to_owned(),
        ]
    }
}
