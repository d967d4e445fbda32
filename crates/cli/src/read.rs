//! `yanma read`: what a text is, without a verdict.

use std::process::ExitCode;

use serde_json::{Value, json};
use yanma_station::domain::document::{DocumentNumber, Edition};
use yanma_station::domain::evidence::{self, Evidence};

use crate::{Context, input, output};

/// Says what a text is; no verdict.
#[derive(clap::Args)]
pub(crate) struct Read {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Texts; `-` reads them from standard input, one a line.
    #[arg(required = true)]
    texts: Vec<String>,
}

impl Read {
    pub(crate) fn run(&self, _context: &Context) -> anyhow::Result<ExitCode> {
        input::each_of(&self.texts, |text| {
            let report = report(&evidence::read(text));
            if self.json {
                return output::json(&report);
            }
            let mut words = vec![report["kind"].as_str().unwrap_or_default().to_owned()];
            for part in ["document", "code", "system"] {
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
fn report(evidence: &Evidence) -> Value {
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
        Evidence::BrokenCode(error) => report["problems"] = json!([error.to_string()]),
        Evidence::Document(number) | Evidence::NamedDocument(number, _) => {
            report["document"] = document(number);
            if number.edition() == Edition::Fifteen {
                report["problems"] = json!(["15 digits: no longer valid, good for look-up only"]);
            }
        }
        Evidence::AmbiguousNumber(types) => {
            report["document_types"] = json!(types);
            report["problems"] = json!(["several kinds of document have such numbers"]);
        }
        Evidence::BrokenNumber(document_type, error) => {
            report["document_types"] = json!([document_type]);
            report["problems"] = json!([error.to_string()]);
        }
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

fn document(number: &DocumentNumber) -> Value {
    json!({
        "type": number.document_type(),
        "masked": number.masked(),
        "birth_date": number.birth_date(),
        "sex": number.sex(),
    })
}
