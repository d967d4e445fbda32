//! The report of a day.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use yanma_station::Done;
use yanma_station::domain::scene::Action;
use yanma_station::report::{ReportFormat, Tally};

use crate::support::house::House;
use crate::support::people::{GREEN, RED, code_of, scan, typed};

/// The code of a place, and a boarding pass.
const PLACE: &str = "https://jkm.example/place/17";
const PASS: &str = "M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 100";

const TORN: &str = "M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8";

/// An hour later somebody unread, somebody let in against a refusal.
async fn a_day() -> House {
    let house = House::at_work().await;
    let green = house.show(code_of(&GREEN).scanned());
    house.clock.turn(4);
    house.desk.finish(green.entry, &Done::default()).unwrap();
    house.clock.turn(2 * 3600);
    house.show(scan("rubbish"));
    let red = house.show(typed(RED.number));
    let approval = house.desk.approve(yanma_station::rights::Right::Override, "", "").unwrap();
    let done = Done {
        action: Some(Action::Admitted),
        overriding: Some((approval, "急诊".to_owned())),
        ..Done::default()
    };
    house.clock.turn(8);
    house.desk.finish(red.entry, &done).unwrap();
    house
}

#[tokio::test]
async fn a_day_is_told_in_figures() {
    let house = a_day().await;
    let day = house.desk.now().to_zoned(TimeZone::system()).date();
    let report = house.desk.day_report(day).unwrap();
    let median = Some(SignedDuration::from_secs(6));
    let total = Tally { admit: 1, refer: 0, refuse: 1, unread: 1, median };
    assert_eq!((report.total, report.total.people()), (total, 2), "a misread is nobody");
    assert_eq!(report.hours.len(), 3, "the empty hour between stands there, too");
    assert_eq!(report.hours[1].1, Tally::default());
    assert_eq!(report.hours[0].1.median, Some(SignedDuration::from_secs(4)));
    assert_eq!(report.hours[2].1.median, Some(SignedDuration::from_secs(8)));
    assert_eq!(report.operators, [(None, Tally { median: None, ..total })]);
    assert_eq!(report.acts[0], ("override", 1));
    let empty = house.desk.day_report(day.yesterday().unwrap()).unwrap();
    assert_eq!((empty.total.people(), empty.hours.len()), (0, 0));
    house.close();
}

/// A poster in view of the camera and a boarding pass on the way to the code let nobody through.
#[tokio::test]
async fn only_people_count_as_people() {
    let house = House::at_work().await;
    let day = house.desk.now().to_zoned(TimeZone::system()).date();
    house.show(scan(PLACE));
    house.show(scan(PASS));
    house.next_person();
    let total = house.desk.day_report(day).unwrap().total;
    assert_eq!((total.people(), total.unread), (0, 0), "a place and a pass: {total:?}");
    let torn = house.show(scan(TORN));
    house.show(scan(PLACE));
    house.show(code_of(&GREEN).scanned());
    let total = house.desk.day_report(day).unwrap().total;
    assert_eq!((total.people(), total.admit, total.unread), (1, 1, 1), "{total:?}");
    // Somebody stood there after all.
    house.desk.finish(torn.entry, &Done { action: Some(Action::Left), ..Done::default() }).unwrap();
    let total = house.desk.day_report(day).unwrap().total;
    assert_eq!((total.people(), total.refer, total.unread), (2, 1, 0), "{total:?}");
    house.close();
}

#[tokio::test]
async fn it_is_taken_out_as_csv_and_as_a_page() {
    let house = a_day().await;
    let day = house.desk.now().to_zoned(TimeZone::system()).date();
    let mut csv = Vec::new();
    house.desk.export_day(day, ReportFormat::Csv, &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.starts_with("of,what,people,admit,refer,refuse,unread,median_seconds\n"), "{csv}");
    assert!(csv.contains(&format!("\nday,{day},2,1,0,1,1,6.0\n")), "{csv}");
    assert!(csv.contains("\nact,override,1,"), "{csv}");
    let row = house.desk.audit(None, 1).unwrap().remove(0);
    assert_eq!((row.act.as_str(), row.detail), ("export-day", Some(day.to_string())));
    let mut pdf = Vec::new();
    match house.desk.export_day(day, ReportFormat::Pdf, &mut pdf) {
        Ok(()) => assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 2000, "{} bytes", pdf.len()),
        // A machine without the font says so and writes nothing.
        Err(error) => assert!(error.to_string().contains("font") && pdf.is_empty(), "{error}"),
    }
    house.close();
}
