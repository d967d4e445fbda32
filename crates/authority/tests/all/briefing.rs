//! The table of the press briefing of July 2020 (domain.md §0), from counters that say the
//! same, as the program and the console tell it.

use std::process::Output;

use crate::crash::program;
use crate::place;
use crate::world::World;

/// As in `claim_counts`.
const RESIDENT: u8 = 1;
const OTHER_PROVINCE: u8 = 2;
const ABROAD: u8 = 3;

/// 48.75 % of the residents of each city, in the order of the population table.
const RESIDENTS: [(u16, u64); 9] = [
    (3501, 3_802_500),
    (3502, 2_091_375),
    (3503, 1_418_625),
    (3504, 1_262_625),
    (3505, 4_260_750),
    (3506, 2_515_500),
    (3507, 1_311_375),
    (3508, 1_287_000),
    (3509, 1_418_625),
];
/// Residents whose number is of elsewhere, and who count in no city.
const ELSEWHERE: u64 = 20_710_000 - 974_522 - 65_749 - 19_368_375;

/// Puts the figures into the counters, each in several shards.
fn count(world: &World) {
    let put = |group: u8, city: u16, codes: u64| {
        for (shard, codes) in [(0, codes / 3), (17, codes / 3), (63, codes - codes / 3 * 2)] {
            let sql = format!(
                "INSERT INTO claim_counts (shard, claim_group, city, issued, in_force)
                 VALUES ({shard}, {group}, {city}, {codes}, {codes})"
            );
            place::ask(world.folder(), &sql);
        }
    };
    for (city, residents) in RESIDENTS {
        put(RESIDENT, city, residents);
    }
    put(RESIDENT, 0, ELSEWHERE);
    put(OTHER_PROVINCE, 0, 974_522);
    put(ABROAD, 0, 65_749);
    // Shown before days were counted, and on two days since.
    for sql in [
        "UPDATE show_total SET total = 122000000",
        "INSERT INTO shown_by_day (day, shard, count) VALUES (18443, 0, 900000)",
        "INSERT INTO shown_by_day (day, shard, count) VALUES (18443, 5, 100000)",
        "INSERT INTO shown_by_day (day, shard, count) VALUES (18444, 0, 1000000)",
    ] {
        place::ask(world.folder(), sql);
    }
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_the_briefing_is_printed_as_it_was_said() {
    let world = World::new().await;
    count(&world);
    let printed = program(world.folder()).arg("statistics").output().unwrap();
    let expect = "\
累计发放 issued\t2,071 万
省外入闽 from other provinces\t974,522
境外入闽 from abroad\t65,749
亮码次数 times shown\t1.24 亿
领码率 claim ratio\t48.75 %
\u{20}\u{20}福州市 Fuzhou\t48.75 %\t380 万 / 780 万
\u{20}\u{20}厦门市 Xiamen\t48.75 %\t209 万 / 429 万
\u{20}\u{20}莆田市 Putian\t48.75 %\t142 万 / 291 万
\u{20}\u{20}三明市 Sanming\t48.75 %\t126 万 / 259 万
\u{20}\u{20}泉州市 Quanzhou\t48.75 %\t426 万 / 874 万
\u{20}\u{20}漳州市 Zhangzhou\t48.75 %\t252 万 / 516 万
\u{20}\u{20}南平市 Nanping\t48.75 %\t131 万 / 269 万
\u{20}\u{20}龙岩市 Longyan\t48.75 %\t129 万 / 264 万
\u{20}\u{20}宁德市 Ningde\t48.75 %\t142 万 / 291 万
";
    assert_eq!(text(printed), expect);

    // As one line for programs, and as CSV for whoever makes the next briefing: every digit.
    let printed = text(program(world.folder()).args(["statistics", "--json"]).output().unwrap());
    let figures: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let csv = world.nobody().client.get(format!("{}/v1/statistics.csv", world.url));
    let csv = csv.bearer_auth(&world.clerk).send().await.unwrap();
    let csv = String::from_utf8(csv.bytes().await.unwrap().into()).unwrap();
    // Whose they are and of when is said behind each.
    let of_csv = |figure: &str, city: &str| {
        let begin = format!("{figure},{city},");
        let mut lines = csv.split("\r\n").filter_map(|line| line.strip_prefix(&begin));
        let value = lines.next().unwrap_or_else(|| panic!("{begin}"));
        assert_eq!(lines.next(), None, "{begin} is there once");
        let (value, source) = value.split_once(',').unwrap();
        assert!(source.starts_with("35,2020-07-01T"), "{source}");
        value.to_owned()
    };
    for (figure, expect) in [
        ("codes_issued", 20_710_000),
        ("from_other_provinces", 974_522),
        ("from_abroad", 65_749),
        ("codes_in_force", 20_710_000),
        ("times_shown", 124_000_000),
        ("residents", 19_368_375),
        ("population", 39_730_000),
    ] {
        assert_eq!(figures[figure], expect, "{figure}");
        assert_eq!(of_csv(figure, ""), expect.to_string(), "{figure}");
    }
    assert_eq!(figures["claim_ratio"], 4_875, "of 10,000");
    assert_eq!(of_csv("claim_ratio_percent", ""), "48.75");
    let cities = figures["cities"].as_array().unwrap();
    for (city, (code, residents)) in cities.iter().zip(RESIDENTS) {
        let name = city["name"]["zh"].as_str().unwrap();
        assert_eq!((&city["code"], &city["residents"]), (&code.into(), &residents.into()));
        assert_eq!(of_csv("residents", name), residents.to_string());
        assert_eq!(of_csv("population", name), city["population"].to_string());
        assert_eq!(of_csv("claim_ratio_percent", name), "48.75");
    }
}
