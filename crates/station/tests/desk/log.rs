//! Looking back: replay, damage, export.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use yanma_station::domain::Colour;
use yanma_station::store::{ChainFault, Filter, StoreError};
use yanma_station::{DeskError, Duty, Mode};

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, card, code_of, scan, typed};

#[tokio::test]
async fn entries_are_judged_again_as_they_were_when_everything_has_changed() {
    let house = House::at_work().await;
    let green = house.show(code_of(&GREEN).scanned());
    house.province.inner().press.set(GREEN.index, Colour::Amber);
    let overturned = house.desk.ask(&green).await.unwrap().unwrap();
    house.next_person();
    house.show(typed(ORANGE.number));
    house.show(scan("rubbish"));
    house.province.change(|press| {
        press.set(GREEN.index, Colour::Red);
        press.set(ORANGE.index, Colour::Green);
        press.trust.sequence += 1;
        press.trust.issuers.retain(|issuer| issuer.keys.len() > 1);
        press.trust.issuers[0].keys.remove(0);
        press.revise("general", |policy| policy.identity.document_with_code = true);
    });
    house.desk.sync().await.unwrap();
    house.set_scene("hotel").unwrap();
    house.show(code_of(&GREEN).scanned());
    for entry in [green.entry, overturned.entry] {
        let again = house.desk.replay(entry).unwrap();
        assert!(again.same, "{again:?}");
        assert_eq!(again.recorded.id, entry);
    }
    let house = house.restarted();
    house.close();
}

#[tokio::test]
async fn without_its_receipt_an_entry_cannot_be_judged_again() {
    let house = House::at_work().await;
    let checked = house.show(card());
    let nobody = uuid::Uuid::from_u128(7);
    assert!(matches!(house.desk.replay(nobody), Err(DeskError::NoSuchEntry)));
    let day = house.desk.store().days().unwrap().remove(0);
    assert_eq!(house.desk.store().retain_details(day.first, 9, None).unwrap().deleted, 1);
    assert!(matches!(house.desk.replay(checked.entry), Err(DeskError::NoSuchEntry)));
    assert_eq!(house.desk.store().check().unwrap().entries, 1, "the chain is whole");
}

/// The desk's file in the hands of somebody who has its key.
fn opened(folder: &Path) -> Connection {
    let key = std::fs::read_to_string(folder.join("desk.key")).unwrap();
    let file = Connection::open(yanma_station::file_in(folder)).unwrap();
    file.execute_batch(&format!("PRAGMA key = \"x'{}'\"", key.trim())).unwrap();
    file.execute_batch("DROP TRIGGER entries_are_never_changed").unwrap();
    file
}

#[tokio::test]
async fn what_was_tampered_with_is_found() {
    let red = r#"UPDATE entries
        SET body = CAST(replace(CAST(body AS TEXT), '"refuse"', '"admit"') AS BLOB)
        WHERE number = 2"#;
    let receipt = "UPDATE details SET receipt = CAST(receipt || ' ' AS BLOB) WHERE number = 2";
    let decision = "UPDATE entries SET decision = 'admit' WHERE number = 2";
    for (sql, expect) in [
        (red, ChainFault::Altered),
        (decision, ChainFault::Altered),
        (receipt, ChainFault::DetailsAltered),
        ("DELETE FROM details WHERE number = 2", ChainFault::DetailsMissing),
        ("DELETE FROM outbox WHERE number = 2", ChainFault::OutboxMissing),
    ] {
        let house = House::at_work().await;
        house.show(card());
        house.next_person();
        house.show(typed(ORANGE.number));
        house.next_person();
        house.show(card());
        house.desk.upload().await.unwrap();
        house.desk.store().check().unwrap();
        let House { folder, clock, desk, .. } = house;
        drop(desk);
        assert_eq!(opened(folder.path()).execute(sql, []).unwrap(), 1, "{sql}");
        let desk = yanma_station::Desk::at(folder.path(), Mode::Work, clock).unwrap().desk;
        match desk.store().check() {
            Err(StoreError::ChainBroken { number, fault }) => {
                assert_eq!((number.0, fault), (2, expect), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_gone_went_by_its_rules_or_is_named() {
    const GONE: &str = "PRAGMA foreign_keys = OFF; DROP TRIGGER entries_go_by_the_day;
        DELETE FROM details WHERE number >= 2; DELETE FROM outbox WHERE number >= 2;
        DELETE FROM entries WHERE number >= 2;";
    const SET_BACK: &str = "UPDATE segments SET last = 1,
        head = (SELECT hash FROM entries WHERE number = 1);";
    const NOTED: &str = "INSERT INTO losses (first, last, at) VALUES (2, 3, 0);";
    const DAY_ENDED: &str = "DELETE FROM details; DELETE FROM outbox; DELETE FROM entries;
        UPDATE segments SET entries_kept = 0;";
    for (sql, whole, lost, unexplained) in [
        (String::new(), true, vec![], 0),
        (format!("{GONE}{SET_BACK}{NOTED}"), false, vec![2..=3], 0),
        (format!("{GONE}{DAY_ENDED}"), false, vec![], 1),
        // No chain shows by itself that its end was taken away.
        (format!("{GONE}{SET_BACK}"), true, vec![], 0),
    ] {
        let house = House::at_work().await;
        for _ in 0..3 {
            house.show(card());
            house.next_person();
        }
        house.desk.upload().await.unwrap();
        let head = house.desk.store().chain_head().unwrap().unwrap().hash;
        assert!(house.desk.check_log(Some(&head)).unwrap().is_whole());
        assert!(!house.desk.check_log(Some(&[7; 32])).unwrap().is_whole());
        assert!(house.desk.check_log(Some(&[0; 32])).unwrap().is_whole(), "of the empty log");
        let House { folder, clock, desk, .. } = house;
        drop(desk);
        opened(folder.path()).execute_batch(&sql).unwrap();
        let desk = yanma_station::Desk::at(folder.path(), Mode::Work, clock).unwrap().desk;
        let check = desk.check_log(None).unwrap();
        assert_eq!((check.is_whole(), check.lost()), (whole, &lost[..]), "{sql}");
        assert_eq!(check.unexplained.len(), unexplained, "{sql}");
        let with_head = desk.check_log(Some(&head)).unwrap();
        assert_eq!(with_head.is_whole(), sql.is_empty(), "{sql}");
        // The last hash of a day whose entries went stays; of one that was lost nothing is known.
        let stays = sql.is_empty() || sql.contains(DAY_ENDED);
        let known = !sql.contains(NOTED);
        assert_eq!(with_head.has_earlier_head, known.then_some(stays), "{sql}");
        let other = desk.check_log(Some(&[7; 32])).unwrap();
        let all_kept = lost.is_empty() && !sql.contains(DAY_ENDED);
        assert_eq!(other.has_earlier_head, all_kept.then_some(false), "{sql}");
    }
}

fn exported(house: &House, filter: &Filter) -> Vec<csv::StringRecord> {
    let mut bytes = Vec::new();
    let rows = house.desk.export_csv(filter, &mut bytes).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len() as u64, rows + 1, "a header, and what was counted");
    records
}

#[tokio::test]
async fn the_export_has_a_header_and_no_formulas() {
    let house = House::at_work().await;
    // The same cases as the authority's export and the console's.
    let cases = include_str!("../../../../tests/vectors/csv/cells.json");
    let cases: Vec<BTreeMap<String, String>> = serde_json::from_str(cases).unwrap();
    for case in &cases {
        let operator = Some(case["cell"].clone());
        house.desk.set_duty(Duty { scene: None, operator }).unwrap();
        house.next_person();
        house.show(card());
        house.show(scan("between"));
    }
    let records = exported(&house, &Filter { decision: Some("admit".into()), ..Filter::default() });
    assert_eq!(
        records[0].iter().collect::<Vec<_>>().join(","),
        "number,id,at,decision,reasons,colour,name,document,methods,scene,site,operator,policy,amends,upload"
    );
    let mut operators: Vec<_> = records[1..].iter().map(|row| row[11].to_owned()).collect();
    operators.sort_unstable();
    let mut expect: Vec<_> = cases.iter().map(|case| case["written"].clone()).collect();
    expect.sort_unstable();
    assert_eq!(operators, expect);
    house.close();
}

#[tokio::test]
async fn a_row_says_what_happened_and_no_name_or_number_in_full() {
    let house = House::at_work().await;
    let green = house.show(code_of(&GREEN).scanned());
    house.show(card());
    house.desk.upload().await.unwrap();
    let records = exported(&house, &Filter::default());
    let joined = records.iter().find(|row| row[13] == green.entry.to_string()).unwrap();
    assert_eq!(&joined[3], "admit");
    assert_eq!((&joined[5], &joined[6]), ("green", "证**本"));
    assert_eq!((&joined[8], &joined[9], &joined[10]), ("card code", "general", "site-1"));
    assert_eq!((&joined[12], &joined[14]), ("general@1", "sent"));
    let all: String = records.iter().flat_map(|row| row.iter()).collect();
    assert!(!all.contains(GREEN.number) && !all.contains(GREEN.name));
    house.close();
}

/// Not only the export: nothing that leaves the desk, and nothing it keeps in the chain.
#[tokio::test]
async fn nothing_in_clear_is_kept_or_sent() {
    let house = House::at_work().await;
    house.show(card());
    house.show(typed(ORANGE.number));
    house.desk.upload().await.unwrap();
    let sent = serde_json::to_string(&house.province.inner().entries).unwrap();
    let mut kept = String::new();
    for entry in house.desk.store().export(&Filter::default()) {
        let entry = entry.unwrap();
        let details = entry.details.unwrap();
        kept.push_str(&String::from_utf8(entry.body).unwrap());
        kept.push_str(&String::from_utf8(details.receipt).unwrap());
        kept.push_str(&details.search.join(" "));
    }
    for secret in [GREEN.number, GREEN.name, ORANGE.number, ORANGE.name] {
        assert!(!sent.contains(secret) && !kept.contains(secret));
    }
    house.close();
}
