//! Whatever destroys or reveals is in the audit: every command of the window is named here,
//! and tried in the real window.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, invoke};
use crate::harness::screen::Screen;

/// What a command means for the audit.
#[derive(Clone, Copy)]
enum Means {
    /// It destroys, reveals or changes: a line with this act appears.
    Act(&'static str),
    /// It does neither, and no line appears; why.
    Nothing(&'static str),
    /// The same of one that cannot be tried from outside its page.
    Untried(&'static str),
}
use Means::{Act, Nothing, Untried};

/// Every command with what it is called with, in an order in which each can be done. `$name`
/// stands for what an earlier one answered.
fn commands() -> Vec<(&'static str, Means, Value)> {
    let form = |room: &str| {
        json!({"name": "李小红", "documentType": "resident-id", "document": "350100190001010012",
               "sex": "", "born": "", "nationality": "", "ethnicity": "",
               "address": "福州市鼓楼区", "room": room, "nights": "1"})
    };
    let none = || json!({});
    let day = "2020-06-16";
    let filter = json!({"text": null, "decision": null, "from": null, "to": null, "since": null, "until": null,
                        "before": null, "limit": 5});
    let list: Vec<u8> = "姓名,身份证号\n李小红,350100190001010012\n".bytes().collect();
    vec![
        ("open_desk", Nothing("it is open already"), none()),
        ("station", Nothing("how the desk stands names nobody but who works here"), none()),
        ("settings", Nothing("the desk's own"), none()),
        ("scene", Nothing("what a place asks"), none()),
        ("scenes", Nothing("what places there are"), none()),
        ("devices", Nothing("what is plugged in"), none()),
        ("camera_controls", Untried("this desk has no camera that works"), none()),
        (
            "set_camera_control",
            Untried("the same; as any setting, `settings` of the desk tries it"),
            none(),
        ),
        ("reset_camera", Untried("the same"), none()),
        ("scanner_families", Nothing("what is plugged in"), none()),
        ("staff", Nothing("the sign-in screen shows who works here"), none()),
        ("screens", Nothing("it shows what is plugged in"), none()),
        ("open_guest_window", Nothing("it shows no name, and words alone"), none()),
        ("ack_frame", Nothing("a picture was painted"), json!({"side": "guest"})),
        ("start_preview", Untried("the live picture of who stands there; needs a channel"), none()),
        (
            "present_text",
            Nothing("the log of checks says it"),
            json!({"text": "rubbish", "source": "typed"}),
        ),
        (
            "present_number",
            Nothing("the log of checks says it"),
            json!({"documentType": "resident-id", "number": "$orange"}),
        ),
        ("last_verdicts", Nothing("what the desk has just shown itself"), json!({"limit": 5})),
        ("guest_draft", Act("see-papers"), none()),
        (
            "finish",
            Act("override"),
            json!({"entry": "$entry", "done": {"action": "admitted",
                "answers": {"room": "1208", "nights": "1"},
                "overriding": {"supervisor": "", "pin": "", "reason": "急诊"}}}),
        ),
        (
            "print_slip",
            Nothing("a slip names nobody, and this desk has no printer"),
            json!({"entry": "$entry"}),
        ),
        ("hours", Nothing("figures name nobody"), json!({"from": day, "to": day})),
        ("export_day", Act("export-day"), json!({"day": day, "format": "csv"})),
        ("audit", Nothing("what is read is the audit itself"), json!({"before": null, "limit": 5})),
        ("search_log", Act("read-log"), json!({"filter": filter})),
        ("export_log", Act("export-log"), json!({"filter": filter})),
        ("export_sealed_log", Act("export-sealed-log"), json!({"filter": filter})),
        ("sticks", Nothing("what is plugged in"), none()),
        ("write_onto_stick", Nothing("lists are public and signed"), json!({"folder": "$stick"})),
        ("take_from_stick", Nothing("lists are public and signed"), json!({"folder": "$stick"})),
        ("seal_onto_stick", Act("export-sealed-log"), json!({"folder": "$stick"})),
        ("take_list", Act("take-list"), json!({"name": "今晚", "day": day, "bytes": list})),
        ("lists", Nothing("counts name nobody"), none()),
        ("listed", Act("see-list"), json!({"list": "$list"})),
        ("check_list", Act("check-list"), json!({"list": "$list"})),
        (
            "present_listed",
            Nothing("the log of checks says it"),
            json!({"list": "$list", "line": 2}),
        ),
        ("inside", Act("see-inside"), none()),
        ("flights", Nothing("figures name nobody"), none()),
        ("missing", Act("see-missing"), json!({"flight": "MF8101"})),
        ("export_list", Act("export-list"), json!({"list": "$list"})),
        ("forget_list", Act("forget-list"), json!({"list": "$list"})),
        ("check_in", Act("check-in"), json!({"form": form("1208"), "party": null})),
        ("guests", Act("see-guests"), json!({"text": null, "here": true})),
        ("guest", Act("see-guest"), json!({"guest": "$guest"})),
        ("change_guest", Act("change-guest"), json!({"guest": "$guest", "form": form("1310")})),
        ("companion_draft", Act("see-guest"), json!({"guest": "$guest"})),
        ("note_reported", Act("report-guest"), json!({"guest": "$guest"})),
        ("check_out", Act("check-out"), json!({"guest": "$guest"})),
        ("check_in", Act("check-in"), json!({"form": form("1208"), "party": null})),
        ("check_out_party", Act("check-out"), json!({"guest": "$guest"})),
        ("export_guests", Act("export-guests"), json!({"from": day, "to": day, "format": "json"})),
        ("save_settings", Act("settings"), json!({"settings": "$settings"})),
        ("programs", Nothing("addresses of programs name nobody"), none()),
        ("make_program_token", Act("settings"), none()),
        ("leave_full_screen", Untried("it ends the window; `pages::kiosk` does it"), none()),
        ("nearby", Nothing("three switches"), none()),
        ("save_nearby", Act("settings"), json!({"give": false, "take": true})),
        ("make_lane_key", Act("settings"), none()),
        ("set_lane_key", Act("settings"), json!({"key": null})),
        ("subscription", Nothing("which lists the desk has"), none()),
        ("save_subscription", Act("settings"), json!({"documents": false, "regions": null})),
        ("updates", Nothing("an address and a public key"), none()),
        ("save_updates", Act("settings"), json!({"address": "http://127.0.0.1:9/", "key": KEY})),
        ("look_for_update", Nothing("what a publisher offers"), none()),
        ("install_update", Untried("it starts the desk anew; `stories::updates` does it"), none()),
        ("save_programs", Act("settings"), json!({"on": true, "port": 8791})),
        ("add_web_hook", Act("settings"), json!({"url": "http://127.0.0.1:9/"})),
        ("remove_web_hook", Act("settings"), json!({"id": "$hook"})),
        ("sync_now", Nothing("lists are public"), none()),
        (
            "enrol",
            Act("enrol"),
            json!({"url": "$url", "code": "$code", "stationName": "Test desk"}),
        ),
        (
            "set_operator",
            Act("set-operator"),
            json!({"id": "chen", "name": "陈站长", "role": "administrator", "pin": PIN}),
        ),
        ("sign_out", Act("sign-out"), none()),
        ("sign_in", Act("sign-in"), json!({"id": "chen", "pin": PIN})),
        ("issue_badge", Act("issue-badge"), json!({"id": "chen"})),
        ("sign_in_by_badge", Act("sign-in"), json!({"badge": "$badge"})),
        (
            "set_operator",
            Act("set-operator"),
            json!({"id": "wang", "name": "王小兰", "role": "operator", "pin": "9031"}),
        ),
        ("retire_operator", Act("retire-operator"), json!({"id": "wang"})),
    ]
}

/// A public key of minisign; nothing is signed with it here.
const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const PIN: &str = "739142";

#[test]
fn every_command_of_the_window_says_what_it_means_for_the_audit() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/station/src/platform/bindings.ts");
    let bindings = std::fs::read_to_string(path)?;
    let there: BTreeSet<_> = bindings
        .split("__TAURI_INVOKE(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let said: BTreeSet<_> = commands().into_iter().map(|(command, ..)| command).collect();
    ensure!(there.len() > 20, "the bindings were not understood: {there:?}");
    ensure!(there == said, "only one has: {:?}", there.symmetric_difference(&said));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_destroys_or_reveals_is_written_down() -> Result<()> {
    at_the_window("story-audited", House::enrolled("hotel")?, each_in_turn).await
}

async fn each_in_turn(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    let orange = house.authority.holder("adult, orange")?;
    let mut known = BTreeMap::from([
        ("$orange", json!(orange.number)),
        ("$stick", json!(house.stick().display().to_string())),
        ("$url", json!(house.authority.url())),
        ("$code", json!(house.authority.enrolment_code("hotel")?)),
    ]);
    let mut last = newest(window).await?;
    for (command, means, arguments) in commands() {
        if let Untried(why) = means {
            println!("{command} is not tried: {why}");
            continue;
        }
        let answer = invoke(window, command, filled(arguments, &known)).await.context(command)?;
        match command {
            "settings" => {
                let mut settings = answer;
                settings["serial"] = json!(["/dev/ttyUSB9"]);
                known.insert("$settings", settings);
            }
            "present_number" => drop(known.insert("$entry", answer["entry"].clone())),
            "take_list" => drop(known.insert("$list", answer["list"].clone())),
            "check_in" => drop(known.insert("$guest", answer["id"].clone())),
            "add_web_hook" => {
                let programs = invoke(window, "programs", json!({})).await?;
                known.insert("$hook", programs["hooks"][0]["id"].clone());
            }
            "issue_badge" => drop(known.insert("$badge", answer)),
            _ => {}
        }
        // Where nobody is signed in, nobody may read the audit: sign in for it.
        let may = invoke(window, "staff", json!({})).await?["rights"]
            .as_array()
            .is_some_and(|rights| rights.contains(&json!("see-audit")));
        if !may {
            invoke(window, "sign_in", json!({"id": "chen", "pin": PIN})).await?;
        }
        let rows = invoke(window, "audit", json!({"before": null, "limit": 10})).await?;
        let new: Vec<_> = rows
            .as_array()
            .context("rows")?
            .iter()
            .filter(|row| row["number"].as_f64() > Some(last))
            .collect();
        match means {
            Act(act) => ensure!(
                new.iter().any(|row| row["act"] == act),
                "{command} left no line \"{act}\": {new:?}"
            ),
            Nothing(why) => ensure!(new.is_empty(), "{command} ({why}) left a line: {new:?}"),
            Untried(_) => {}
        }
        last = rows[0]["number"].as_f64().unwrap_or(last);
    }
    Ok(())
}

/// The number of the audit's newest line.
async fn newest(window: &Page) -> Result<f64> {
    let rows = invoke(window, "audit", json!({"before": null, "limit": 1})).await?;
    Ok(rows[0]["number"].as_f64().unwrap_or(0.0))
}

/// The arguments with what earlier commands answered in its place.
fn filled(arguments: Value, known: &BTreeMap<&str, Value>) -> Value {
    match arguments {
        Value::String(text) => known.get(text.as_str()).cloned().unwrap_or(Value::String(text)),
        Value::Array(items) => items.into_iter().map(|item| filled(item, known)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, filled(value, known))).collect()
        }
        other => other,
    }
}
