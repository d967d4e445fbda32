//! `yanma read`: what a text is, without a verdict.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use yanma_station::domain::boarding_pass::BoardingPass;
use yanma_station::domain::document::{
    DocumentNumber, Edition, RegionalNumber, Zone, ZoneDocument,
};
use yanma_station::domain::evidence::{self, Evidence};
use yanma_station::domain::licence::Licence;
use yanma_station::{Clock, SystemClock};

use crate::certificates::{self, Against};
use crate::{Context, input, output};

/// Says what a text is; no verdict.
#[derive(clap::Args)]
pub(crate) struct Read {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// The day from which two-digit years are understood; today when left out.
    #[arg(long)]
    today: Option<Date>,
    /// Trust data for foreign certificates, as JSON; without, none can be checked.
    #[arg(long, value_name = "FILE")]
    certificate_trust: Option<PathBuf>,
    /// The instant at which certificates are checked; now when left out.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Texts; `-` reads them from standard input, one a line.
    #[arg(required = true)]
    texts: Vec<String>,
}

impl Read {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let now = || SystemClock.now().to_zoned(TimeZone::system()).date();
        let today = self.today.unwrap_or_else(now);
        let at = self.at.unwrap_or_else(|| SystemClock.now());
        let against = Against::load(self.certificate_trust.as_deref(), at, context.language)?;
        input::each_of(&self.texts, |text| {
            let report = report(text, &evidence::read(text), today, &against);
            if self.json {
                return output::json(&report);
            }
            let mut words = vec![report["kind"].as_str().unwrap_or_default().to_owned()];
            for part in [
                "document",
                "zone",
                "boarding_pass",
                "licence",
                "code",
                "certificate",
                "part",
                "system",
            ] {
                if let Some(value) = report.get(part) {
                    words.push(value.to_string());
                }
            }
            if let Some(problems) = report["problems"].as_array() {
                words.extend(problems.iter().map(ToString::to_string));
            }
            output::line(&words.join(" "))
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What can be said of a text. The holder's number is masked here too: this program's
/// output ends up in logs.
fn report(text: &str, evidence: &Evidence, today: Date, against: &Against) -> Value {
    let mut report = json!({ "kind": evidence.kind(), "problems": [] });
    match evidence {
        Evidence::Code(code) => {
            let body = code.body();
            report["code"] = json!({
                "issuer": body.key.issuer,
                "key": body.key.to_string(),
                "colour": body.colour,
                "document_type": body.document_type,
                "issued_at": body.issued_at,
                "expires_at": body.expires_at(),
                "index": body.index,
                "name": body.name,
                "bytes": code.bytes().len(),
            });
            report["problems"] = json!(["not verified"]);
        }
        Evidence::Family(family) => {
            report["people"] = json!(family.codes().len());
            report["problems"] = json!(["not verified", "who of them is here is to be said"]);
        }
        Evidence::BrokenCode(error) => report["problems"] = json!([error.to_string()]),
        Evidence::Document(number) | Evidence::NamedDocument(number, _) => {
            report["document"] = document(number);
            if number.edition() == Edition::Fifteen {
                report["problems"] = json!(["15 digits: no longer valid, good for look-up only"]);
            }
        }
        Evidence::AmbiguousNumber(types) => {
            report["document_types"] = json!(types);
            report["other_documents"] = json!(RegionalNumber::candidates(text));
            report["problems"] = json!(["several kinds of document have such numbers"]);
        }
        Evidence::BrokenNumber(document_type, error) => {
            report["document_types"] = json!([document_type]);
            report["problems"] = json!([error.to_string()]);
        }
        Evidence::Zone(zone) => {
            report["zone"] = zone_report(zone, today);
            if let ZoneDocument::Known(number) = zone.document() {
                report["document"] = document(number);
            }
            report["problems"] = json!(zone_problems(zone, today));
        }
        Evidence::Regional(number) => {
            report["document"] = json!({ "type": number.kind(), "masked": number.masked() });
            report["problems"] = json!([NO_CODES]);
        }
        Evidence::Licence(licence) => {
            report["licence"] = licence_report(licence);
            report["problems"] = json!([NO_CODES]);
        }
        Evidence::BoardingPass(pass) => {
            report["boarding_pass"] = pass_report(pass, today);
            report["problems"] = json!(["it identifies nobody"]);
        }
        Evidence::Certificate(certificate) => {
            report["certificate"] = certificates::report(certificate, against);
            report["problems"] = json!(certificates::problems(certificate, against));
        }
        Evidence::CertificatePart(part) => {
            report["part"] = json!({ "number": part.number, "of": part.of });
            report["problems"] = json!(["one part of a certificate; its other parts are needed"]);
        }
        Evidence::Damaged(damaged) => report["problems"] = json!([damaged.to_string()]),
        Evidence::OtherSystem(system) => {
            report["system"] = json!(system);
            report["problems"] = json!(["another system's code; it cannot be checked here"]);
        }
        Evidence::Place => report["problems"] = json!(["this is a place, not a person"]),
        Evidence::Unknown(unknown) => {
            report["length"] = json!(unknown.bytes);
            report["hash"] = json!(unknown.hash);
            report["problems"] = json!(["not understood"]);
        }
    }
    report
}

const NO_CODES: &str = "no health code is issued under this kind of document";

/// What a zone says, masked.
pub(crate) fn zone_report(zone: &Zone, today: Date) -> Value {
    json!({
        "layout": zone.layout(),
        "kind": zone.kind(),
        "issuer": zone.issuer(),
        "nationality": zone.nationality(),
        "number": mask(zone.reveal_number()),
        "other_document": match zone.document() {
            ZoneDocument::Known(_) => None,
            ZoneDocument::Other(document) => Some(document),
        },
        "name": zone.name().map(|name| name.mask()),
        "chinese_name": zone.chinese_name().map(|name| name.mask()),
        "name_is_cut": zone.name_is_cut(),
        "birth_date": zone.birth().resolve_birth(today),
        "expires_on": zone.expiry().resolve_expiry(today),
        "sex": zone.sex(),
        "issue_count": zone.issue_count(),
        "optional": zone.reveal_optional().map(mask),
        "mended": zone.mended(),
    })
}

fn zone_problems(zone: &Zone, today: Date) -> Vec<String> {
    let mut problems = Vec::new();
    if matches!(zone.document(), ZoneDocument::Other(_)) {
        problems.push(NO_CODES.to_owned());
    }
    if zone.expiry().resolve_expiry(today).is_some_and(|last| last < today) {
        problems.push("no longer valid".to_owned());
    }
    if !zone.mended().is_empty() {
        problems.push("misread characters were put right".to_owned());
    }
    problems
}

fn pass_report(pass: &BoardingPass, today: Date) -> Value {
    let legs: Vec<_> = pass
        .legs
        .iter()
        .map(|leg| {
            json!({
                "flight": leg.flight(),
                "from": leg.from,
                "to": leg.to,
                "date": leg.date(today),
                "cabin": leg.cabin,
                "seat": leg.seat,
                "sequence": leg.sequence,
                "status": format!("{:?}", leg.status),
                "booking": mask(&leg.booking),
                "frequent_flyer": leg.items.frequent_flyer.as_deref().map(mask),
                "serial": leg.items.serial.as_deref().map(mask),
                "baggage_allowance": leg.items.baggage_allowance,
                "fast_track": leg.items.fast_track,
            })
        })
        .collect();
    json!({
        "name": pass.name.mask(),
        "electronic": pass.electronic,
        "version": pass.journey.version,
        "issuer": pass.journey.issuer,
        "baggage_tags": pass.journey.baggage_tags.len(),
        "legs": legs,
        "security": pass.security.as_ref().map(|security| security.data.len()),
    })
}

fn licence_report(licence: &Licence) -> Value {
    json!({
        "issuer": format!("{:06}", licence.issuer),
        "version": licence.version,
        "identity_card": licence.identity_card,
        "country": licence.country,
        "number": licence.masked_number(),
        "name": licence.name.mask(),
        "birth_date": licence.birth,
        "expires_on": licence.expiry,
        "issued_on": licence.issued,
        "sex": licence.sex,
    })
}

/// Two characters at each end; nothing of a short text.
fn mask(text: &str) -> String {
    let length = text.chars().count();
    let shown = |at: usize| length >= 8 && (at < 2 || at + 2 >= length);
    text.chars().enumerate().map(|(at, c)| if shown(at) { c } else { '*' }).collect()
}

fn document(number: &DocumentNumber) -> Value {
    json!({
        "type": number.document_type(),
        "masked": number.masked(),
        "birth_date": number.birth_date(),
        "sex": number.sex(),
    })
}
