//! Numbers: `tests/vectors/number/numbers.json`.

use serde::Deserialize;
use yanma_domain::document::{
    DocumentNumber, DocumentType, Recognised, RegionalError, RegionalNumber,
};

use crate::table;

#[derive(Deserialize)]
struct Row {
    text: String,
    document: Option<String>,
    bare: String,
}

#[test]
fn every_number_is_recognised_as_its_row_says() {
    let rows: Vec<Row> = table("number/numbers.json");
    assert!(rows.len() > 55, "only {} rows", rows.len());
    for Row { text, document, bare } in rows {
        let document_type = document.as_deref().and_then(|d| d.parse::<DocumentType>().ok());
        let recognised = DocumentNumber::recognise(&text);
        let regional = RegionalNumber::recognise(&text);
        match bare.as_str() {
            "one" => {
                let Recognised::One(number) = recognised else { panic!("{text}: {recognised:?}") };
                assert_eq!(Some(number.document_type()), document_type, "{text}");
            }
            "broken" => {
                let Recognised::Broken { document_type: found, error } = recognised else {
                    panic!("{text}: {recognised:?}")
                };
                assert_eq!(Some(found), document_type, "{text}");
                assert_eq!(DocumentNumber::parse(found, &text), Err(error), "{text}");
            }
            "several" => {
                let Recognised::Several(types) = recognised else {
                    panic!("{text}: {recognised:?}")
                };
                let document_type = document_type.expect("a row of several names one of them");
                assert!(types.contains(&document_type), "{text}: {types:?}");
                DocumentNumber::parse(document_type, &text).expect("it is one of that type");
            }
            "regional" => {
                assert_eq!(recognised, Recognised::No, "{text}");
                let kind = regional.map(|number| number.kind()).unwrap();
                let word = serde_json::to_value(kind).unwrap();
                assert_eq!(word.as_str(), document.as_deref(), "{text}");
            }
            "broken-regional" => assert_eq!(regional, Err(RegionalError::CheckDigit), "{text}"),
            "no" => {
                assert_eq!(recognised, Recognised::No, "{text}");
                assert_eq!(regional, Err(RegionalError::Shape), "{text}");
            }
            other => panic!("{other} is no answer"),
        }
    }
}
