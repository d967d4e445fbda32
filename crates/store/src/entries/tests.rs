use super::*;
use crate::testing::{at, day, end_days, end_details, entry, fill, fresh, reopen};

/// Appends ten entries over three days (4, 3, 3), changes the file behind the store's back,
/// and expects this fault at this number.
fn check_finds(change: &str, number: u64, fault: ChainFault) {
    let (_folder, store) = fresh();
    fill(&store, 1, 4, day(0));
    fill(&store, 5, 3, day(1));
    fill(&store, 8, 3, day(2));
    store.check().expect("whole before the change");
    store.raw(|db| {
        db.execute_batch(
            "PRAGMA foreign_keys = OFF;
             DROP TRIGGER entries_are_never_changed; DROP TRIGGER entries_go_by_the_day;",
        )?;
        db.execute_batch(change)
    });
    match store.check() {
        Err(StoreError::ChainBroken { number: n, fault: f }) => {
            assert_eq!((n.0, f), (number, fault), "{change}");
        }
        other => panic!("{change}: {other:?}"),
    }
}

#[test]
fn every_altered_column_is_found() {
    for change in [
        "id = x'000102030405060708090a0b0c0d0e0f'",
        "at = at + 1",
        "day = '2020-06-18'",
        "decision = 'refuse'",
        "colour = 'red'",
        "colour = NULL",
        "reasons = 'C-ORA'",
        "methods = 'card'",
        "operator = NULL",
        "operator = ''",
        "site = 'hotel-2'",
        "amends = zeroblob(16)",
        "body = CAST('{\"n\":8}' AS BLOB)",
        "details_digest = zeroblob(32)",
        "previous = zeroblob(32)",
        "hash = zeroblob(32)",
        // A text moved into the neighbouring column.
        "operator = site, site = operator",
    ] {
        check_finds(
            &format!("UPDATE entries SET {change} WHERE number = 6"),
            6,
            ChainFault::Altered,
        );
    }
}

#[test]
fn missing_moved_and_added_entries_are_found() {
    use ChainFault::{Added, Altered, Missing, SegmentAltered};
    let check = check_finds;
    check("DELETE FROM entries WHERE number = 1", 1, Missing);
    check("DELETE FROM entries WHERE number = 6", 6, Missing);
    check("DELETE FROM entries WHERE number = 10", 10, Missing);
    check("DELETE FROM entries", 1, Missing);
    check("DELETE FROM entries WHERE number BETWEEN 5 AND 7", 5, Missing);
    // Two entries change places.
    check(
        "UPDATE entries SET number = -1 WHERE number = 2;
         UPDATE entries SET number = 2 WHERE number = 3;
         UPDATE entries SET number = 3 WHERE number = -1;",
        2,
        Altered,
    );
    // A whole day is taken out, with the row of the day.
    check(
        "DELETE FROM entries WHERE number BETWEEN 5 AND 7; DELETE FROM segments WHERE first = 5",
        5,
        Missing,
    );
    check("DELETE FROM segments WHERE first = 5", 5, SegmentAltered);
    check("DELETE FROM segments WHERE first = 8", 8, Added);
    check("UPDATE segments SET last = 9 WHERE first = 8", 9, SegmentAltered);
    check("UPDATE segments SET head = zeroblob(32) WHERE first = 5", 7, SegmentAltered);
    check("UPDATE segments SET previous = zeroblob(32) WHERE first = 5", 5, SegmentAltered);
    check(
        "INSERT INTO entries SELECT 11, zeroblob(16), at, day, decision, colour, reasons, methods,
             operator, site, amends, body, details_digest, hash, hash FROM entries WHERE number = 10",
        11,
        Added,
    );
    // Retention is claimed for a day whose entries are still there.
    check("UPDATE segments SET entries_kept = 0 WHERE first = 5", 5, Added);
    check("INSERT INTO losses VALUES (3, 3, 0)", 3, SegmentAltered);
}

#[test]
fn altered_details_and_outbox_rows_are_found() {
    use ChainFault::{DetailsAltered, DetailsMissing, OutboxMissing};
    let check = check_finds;
    check("UPDATE details SET receipt = x'00' WHERE number = 3", 3, DetailsAltered);
    check("UPDATE details SET search = '李*' WHERE number = 3", 3, DetailsAltered);
    check("UPDATE details SET salt = zeroblob(16) WHERE number = 3", 3, DetailsAltered);
    check("DELETE FROM details WHERE number = 4", 4, DetailsMissing);
    let sent = "INSERT INTO outbox (number, state) SELECT number, 1 FROM entries";
    check(&format!("{sent}; DELETE FROM outbox WHERE number = 9"), 9, OutboxMissing);
}

#[test]
fn the_file_itself_refuses_changes() {
    let (_folder, store) = fresh();
    fill(&store, 1, 2, day(0));
    for sql in [
        "UPDATE entries SET decision = 'x'",
        "DELETE FROM outbox; DELETE FROM details; DELETE FROM entries",
    ] {
        let refused = store.write(|db| Ok(db.execute_batch(sql)?));
        assert!(refused.is_err(), "{sql}");
    }
    assert_eq!(store.check().unwrap().entries, 2);
}

#[test]
fn an_entry_comes_back_as_it_was_given() {
    let (folder, store) = fresh();
    let mut new = entry(1, day(0));
    new.decision = "refuse";
    new.colour = None;
    new.reasons = &["S-EXP", "I-MIS"];
    new.methods = &["code", "card"];
    new.operator = None;
    new.amends = Some(Uuid::from_u128(77));
    store.append(&new).unwrap();
    drop(store);
    let store = reopen(&folder);
    let got = store.entry(new.id).unwrap().unwrap();
    assert_eq!(
        got,
        Entry {
            number: EntryNumber(1),
            id: Uuid::from_u128(1),
            at: at(1),
            day: day(0),
            decision: "refuse".into(),
            colour: None,
            reasons: vec!["S-EXP".into(), "I-MIS".into()],
            methods: vec!["code".into(), "card".into()],
            operator: None,
            site: Some("hotel-1".into()),
            amends: Some(Uuid::from_u128(77)),
            body: new.body.clone(),
            hash: store.chain_head().unwrap().unwrap().hash,
            details: Some(Details { receipt: new.receipt.clone(), search: new.search.clone() }),
            upload: Upload::Pending { attempts: 0, next_attempt_at: None },
        }
    );
    assert!(!format!("{got:?}{new:?}").contains('张'), "no name in a debug print");
    assert_eq!(store.entry(Uuid::from_u128(2)).unwrap(), None);
}

#[test]
fn an_id_is_written_once() {
    let (_folder, store) = fresh();
    store.append(&entry(1, day(0))).unwrap();
    let again = store.append(&entry(1, day(0)));
    assert!(matches!(again, Err(StoreError::DuplicateEntry(id)) if id == Uuid::from_u128(1)));
    assert_eq!(store.append(&entry(2, day(0))).unwrap().0, 2, "no number was used up");
    assert_eq!(store.check().unwrap().entries, 2);
}

#[test]
fn a_clock_that_goes_back_a_day_breaks_nothing() {
    let (_folder, store) = fresh();
    fill(&store, 1, 2, day(1));
    fill(&store, 3, 2, day(0));
    fill(&store, 5, 2, day(1));
    assert_eq!(store.check().unwrap().entries, 6);
    store.mark_sent(&(1..=6).map(Uuid::from_u128).collect::<Vec<_>>()).unwrap();
    assert_eq!(end_days(&store, day(1)), (2, 0));
    let left: Vec<_> = store.last(9).unwrap().iter().map(|e| e.number.0).collect();
    assert_eq!(left, [6, 5, 2, 1]);
    assert_eq!(store.check().unwrap().retired, 2);
}

#[test]
fn days_go_as_a_whole_and_the_chain_stays() {
    let (folder, store) = fresh();
    fill(&store, 1, 4, day(0));
    fill(&store, 5, 3, day(1));
    fill(&store, 8, 3, day(2));
    let id = Uuid::from_u128;
    assert_eq!(end_days(&store, day(0)), (0, 0), "nothing before the first");
    let held = (0, 4);
    assert_eq!(end_days(&store, day(1)), held, "uploads are owed");
    store.mark_sent(&[id(1), id(2), id(3)]).unwrap();
    assert_eq!(end_days(&store, day(1)), held, "one upload is owed");
    store.mark_rejected(id(4), "unknown site").unwrap();
    let owed = || store.days().unwrap().iter().map(|log_day| log_day.owed).collect::<Vec<_>>();
    assert_eq!(owed(), [false, true, true]);
    let heads: Vec<_> = store.days().unwrap().iter().map(|log_day| log_day.head).collect();
    assert_eq!(end_days(&store, day(1)), (4, 0));
    assert_eq!(end_days(&store, day(1)), (0, 0), "once only");
    let days = store.days().unwrap();
    assert_eq!(days.iter().map(|log_day| log_day.head).collect::<Vec<_>>(), heads, "heads stay");
    assert_eq!((days[0].entries(), days[0].entries_kept, days[0].details_kept), (4, false, false));
    drop(store);
    let store = reopen(&folder);
    let report = store.check().unwrap();
    assert_eq!((report.entries, report.retired, report.newest), (6, 4, Some(EntryNumber(10))));
    fill(&store, 11, 1, day(2));
    assert_eq!(store.check().unwrap().entries, 7, "and goes on");
    // All that is left goes: the next number still follows the last.
    store.mark_sent(&(5..=11).map(id).collect::<Vec<_>>()).unwrap();
    assert_eq!(end_days(&store, day(3)), (7, 0));
    assert_eq!(store.outbox_counts().unwrap(), crate::OutboxCounts::default());
    fill(&store, 12, 1, day(3));
    assert_eq!(store.check().unwrap().newest, Some(EntryNumber(12)));
}

#[test]
fn details_go_before_their_entries() {
    let (_folder, store) = fresh();
    fill(&store, 1, 3, day(0));
    fill(&store, 4, 2, day(1));
    assert_eq!(end_details(&store, day(1)), 3);
    assert_eq!(end_details(&store, day(1)), 0, "once only");
    let report = store.check().unwrap();
    assert_eq!((report.entries, report.details), (5, 2));
    let details: Vec<_> = store.last(9).unwrap().iter().map(|e| e.details.is_some()).collect();
    assert_eq!(details, [true, true, false, false, false]);
    assert_eq!(store.due(at(0), 9).unwrap().len(), 5, "uploads need no details");
    // An entry that comes late for that day keeps its own details.
    fill(&store, 6, 1, day(0));
    assert_eq!(store.check().unwrap().details, 3);
}

#[test]
fn a_day_that_was_ended_in_part_goes_on_and_its_act_is_written_with_it() {
    let (folder, store) = fresh();
    fill(&store, 1, 5, day(0));
    fill(&store, 6, 2, day(1));
    store.mark_sent(&(1..=5).map(Uuid::from_u128).collect::<Vec<_>>()).unwrap();
    let act = crate::Act {
        at: at(9),
        operator: None,
        act: "end-retention",
        subject: Some("entries"),
        detail: Some("2020-06-16: 5"),
    };
    let step = store.retain(EntryNumber(1), 3, Some(&act)).unwrap();
    assert_eq!(step, Retained { deleted: 3, more: true, held_back: false });
    drop(store);
    let store = reopen(&folder);
    let report = store.check().unwrap();
    assert_eq!((report.entries, report.retired), (4, 3), "whole in between");
    assert_eq!(store.audit_rows(None, 9).unwrap().len(), 1);
    assert_eq!(store.retain(EntryNumber(2), 3, Some(&act)).unwrap(), Retained::default());
    assert_eq!(store.retain(EntryNumber(4), 3, None).unwrap().deleted, 2);
    let days: Vec<_> = store.days().unwrap().iter().map(|d| (d.first.0, d.last.0)).collect();
    assert_eq!(days, [(1, 5), (6, 7)], "one row a day stays");
    assert_eq!(store.audit_rows(None, 9).unwrap().len(), 1, "said once");
    assert_eq!(store.check().unwrap().retired, 5);
}

#[test]
fn what_the_bodies_of_a_day_say_is_read_once_each() {
    let (_folder, store) = fresh();
    for (n, scene) in [(1, "hotel"), (2, "general"), (3, "hotel")] {
        let mut new = entry(n, day(0));
        new.body = format!("{{\"basis\":{{\"policy\":\"{scene}\"}}}}").into_bytes();
        store.append(&new).unwrap();
    }
    fill(&store, 4, 1, day(1));
    let days = store.days().unwrap();
    let mut texts = store.body_texts(&days[0], "$.basis.policy").unwrap();
    texts.sort();
    assert_eq!(texts, ["general", "hotel"]);
    assert_eq!(store.body_texts(&days[1], "$.basis.policy").unwrap(), [""]);
}

#[test]
fn what_retention_took_is_overwritten() {
    let (_folder, store) = fresh();
    store.raw(|db| {
        let on: i64 = db.query_row("PRAGMA secure_delete", [], |row| row.get(0))?;
        assert_eq!(on, 1, "freed pages are zeroed");
        Ok(())
    });
}

mod search {
    use super::*;

    fn numbers(store: &Store, filter: &Filter) -> Vec<u64> {
        store.search(filter).unwrap().iter().map(|e| e.number.0).collect()
    }

    fn log() -> (tempfile::TempDir, Store) {
        let (folder, store) = fresh();
        for n in 1..=6_u64 {
            let mut new = entry(n, day(i64::try_from(n).unwrap() / 3));
            if n % 2 == 0 {
                new.decision = "refuse";
                new.reasons = &["S-EXP"];
            }
            if n == 5 {
                new.search = vec!["100%_\\x".to_owned()];
            }
            store.append(&new).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn each_field_narrows() {
        let (_folder, store) = log();
        let all = Filter::default;
        let text = |text: &str| Filter { text: Some(text.to_owned()), ..all() };
        let check = |what: &str, filter: Filter, expect: &[u64]| {
            assert_eq!(numbers(&store, &filter), expect, "{what}");
            let mut oldest_first = expect.to_vec();
            oldest_first.reverse();
            let limited = filter.limit < 100 || filter.before.is_some();
            if !limited {
                let export: Vec<_> = store.export(&filter).map(|e| e.unwrap().number.0).collect();
                assert_eq!(export, oldest_first, "export of {what}");
            }
        };
        check("all", all(), &[6, 5, 4, 3, 2, 1]);
        check("decision", Filter { decision: Some("refuse".into()), ..all() }, &[6, 4, 2]);
        check("from", Filter { from: Some(day(1)), ..all() }, &[6, 5, 4, 3]);
        check("to", Filter { to: Some(day(0)), ..all() }, &[2, 1]);
        check("one day", Filter { from: Some(day(1)), to: Some(day(1)), ..all() }, &[5, 4, 3]);
        check("an instant", Filter { since: Some(at(3)), until: Some(at(5)), ..all() }, &[4, 3]);
        let of_day = Filter { from: Some(day(1)), to: Some(day(1)), ..all() };
        check("of a day", Filter { since: Some(at(4)), ..of_day }, &[5, 4]);
        check("a day without entries", Filter { from: Some(day(9)), ..all() }, &[]);
        check("limit", Filter { limit: 2, ..all() }, &[6, 5]);
        check("before", Filter { before: Some(EntryNumber(3)), ..all() }, &[2, 1]);
        check("page", Filter { before: Some(EntryNumber(5)), limit: 2, ..all() }, &[4, 3]);
        check("name", text("张*4"), &[4]);
        check("document", text("**0003"), &[3]);
        check("reason", text("s-exp"), &[6, 4, 2]);
        check("operator", text("OP-1"), &[6, 5, 4, 3, 2, 1]);
        check("site", text(" hotel "), &[6, 5, 4, 3, 2, 1]);
        check("blank", text("  "), &[6, 5, 4, 3, 2, 1]);
        check("per cent is a letter", text("%"), &[5]);
        check("underline is a letter", text("_"), &[5]);
        check("backslash is a letter", text("\\x"), &[5]);
        check("nothing", text("王"), &[]);
        check(
            "both",
            Filter { decision: Some("admit".into()), text: Some("张".into()), ..all() },
            &[3, 1],
        );
    }

    #[test]
    fn an_export_crosses_pages() {
        let (_folder, store) = fresh();
        store.raw(|db| db.execute_batch("PRAGMA synchronous = OFF"));
        fill(&store, 1, 600, day(0));
        let got: Vec<_> = store.export(&Filter::default()).map(|e| e.unwrap().number.0).collect();
        assert_eq!(got, (1..=600).collect::<Vec<_>>());
    }
}
