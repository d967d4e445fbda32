//! The terminal is no way past the window's audit: every command of `yanma` is named here with what
//! it reads or changes, and tried on a real desk.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::demo::output;

use crate::harness::house::House;

/// What a command means for the audit.
#[derive(Clone, Copy)]
enum Means {
    /// It shows what the desk keeps of people: a line with this act appears.
    Reveals(&'static str),
    /// It takes away, or goes against a verdict: likewise.
    Destroys(&'static str),
    /// It changes the desk or what it keeps: likewise.
    Changes(&'static str),
    /// It reads nothing personal of the desk, and no line appears; why.
    Impersonal(&'static str),
    /// It opens no desk: it works with what is given.
    Apart(&'static str),
    /// It stays until it is ended, or needs a device; where it is tried.
    Untried(&'static str),
}
use Means::{Apart, Changes, Destroys, Impersonal, Reveals, Untried};

/// Every command with its arguments, in an order in which each can be done. `$name` stands for
/// what an earlier one answered or the house has.
const COMMANDS: &[(&str, Means, &[&str])] = &[
    ("enrol", Changes("enrol"), &["--url", "$url", "--code", "$code"]),
    ("sync", Impersonal("lists are public; what expired is in the audit when it goes"), &[]),
    ("doctor", Impersonal("how the desk stands"), &[]),
    (
        "verify",
        Impersonal("the log of checks says it"),
        &["--json", "--offline", "--text", "$orange"],
    ),
    (
        "done",
        Destroys("override"),
        &[
            "$entry",
            "--action",
            "admitted",
            "--answer",
            "room=1208",
            "--answer",
            "nights=1",
            "--reason",
            "急诊",
        ],
    ),
    ("list take", Changes("take-list"), &["--json", "--name", "今晚", "$file"]),
    ("list all", Impersonal("counts name nobody"), &[]),
    ("list show", Reveals("see-list"), &["$list"]),
    ("list export", Reveals("export-list"), &["$list"]),
    ("list inside", Reveals("see-inside"), &[]),
    ("list flights", Impersonal("figures name nobody"), &[]),
    ("list missing", Reveals("see-missing"), &["MF8101"]),
    ("list forget", Destroys("forget-list"), &["$list"]),
    ("log list", Reveals("read-log"), &["--json"]),
    ("log export", Reveals("export-log"), &[]),
    ("log check", Impersonal("hashes"), &[]),
    ("log days", Impersonal("how many, and hashes"), &[]),
    ("log replay", Impersonal("verdicts by the entry's id: no name and no number"), &[]),
    ("log audit", Impersonal("what is read is the audit itself"), &[]),
    ("feed export", Impersonal("lists are public and signed"), &["$stick"]),
    ("feed import", Impersonal("lists are public and signed"), &["$stick"]),
    ("feed symbols", Impersonal("lists are public and signed"), &["$stick"]),
    ("feed nearby", Untried("needs another desk; `crates/nearby/tests` take its lists"), &[]),
    ("api token", Changes("settings"), &["--json"]),
    ("api add-hook", Changes("settings"), &["--json", "http://127.0.0.1:9/"]),
    ("api hooks", Impersonal("addresses of programs name nobody"), &[]),
    ("api remove-hook", Destroys("settings"), &["$hook"]),
    ("api describe", Apart("a description"), &[]),
    ("update", Untried("needs a publisher; `cargo xtask package` does it"), &[]),
    ("camera", Apart("cameras of the computer, not what they see"), &[]),
    ("scanner", Apart("makers' barcodes"), &["--family", "zebra", "--mode", "keyboard"]),
    ("read", Apart("a text"), &["350100190001010012"]),
    ("decode", Apart("pictures"), &["$picture"]),
    ("bench-decode", Apart("pictures"), &["$stick"]),
    ("chip", Untried("needs a reader; opens no desk"), &[]),
    ("watch", Untried("`crates/cli/tests/retention.rs`, with what it deletes"), &[]),
    ("simulate-reader", Untried("a device, and no desk"), &[]),
    ("simulate-serial", Untried("a device, and no desk"), &[]),
    ("simulate-turnstile", Untried("a device, and no desk"), &[]),
    ("simulate-printer", Untried("a device, and no desk"), &[]),
];

/// The commands that `yanma --help` and the helps below it name.
fn named_in_help(desk: &dyn Fn() -> Result<Command>, path: &[String]) -> Result<Vec<String>> {
    let help = output(desk()?.args(path).arg("--help"))?;
    let below = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = below
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help");
    let mut found = Vec::new();
    for name in names {
        found.extend(named_in_help(desk, &[path, &[name.to_owned()]].concat())?);
    }
    if found.is_empty() {
        found.push(path.join(" "));
    }
    Ok(found)
}

#[test]
fn every_command_of_the_terminal_means_something_for_the_audit() -> Result<()> {
    let house = House::open()?;
    let there: BTreeSet<_> = named_in_help(&|| house.desk.command(), &[])?.into_iter().collect();
    let said: BTreeSet<_> = COMMANDS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    ensure!(there.len() > 20, "the help was not understood: {there:?}");
    ensure!(there == said, "only one has: {:?}", there.symmetric_difference(&said));
    Ok(())
}

#[test]
fn what_is_revealed_or_destroyed_at_the_terminal_is_written_down() -> Result<()> {
    let house = House::open()?;
    let list = house.folder().join("list.csv");
    std::fs::write(&list, "姓名,身份证号\n李小红,350100190001010012\n")?;
    let path = |name: &str| house.folder().join(name).display().to_string();
    let mut known = BTreeMap::from([
        ("$url", house.authority.url()),
        ("$code", house.authority.enrolment_code("hotel")?),
        ("$orange", house.authority.holder("adult, orange")?.number),
        ("$file", list.display().to_string()),
        ("$stick", path("stick")),
        ("$picture", path("picture.png")),
    ]);
    let user = output(Command::new("id").arg("-un"))?;
    let by = format!("terminal:{}", user.trim());
    let mut last = 0;
    for (name, means, arguments) in COMMANDS {
        let mut command = house.desk.command()?;
        command.args(name.split(' '));
        command.args(arguments.iter().map(|word| known.get(word).map_or(*word, String::as_str)));
        match means {
            Untried(why) => {
                println!("{name} is not tried: {why}");
                continue;
            }
            Apart(_) => drop(command.output()?),
            _ => learn(&mut known, name, &output(&mut command).context(*name)?)?,
        }
        let rows = audit(&house)?;
        let newest = |row: &Value| row["number"].as_u64().unwrap_or_default();
        let new: Vec<_> = rows.iter().filter(|row| newest(row) > last).collect();
        match means {
            Reveals(act) | Destroys(act) | Changes(act) => ensure!(
                new.iter().any(|row| row["act"] == *act && row["by"] == by),
                "{name} left no line \"{act}\" by {by}: {new:?}"
            ),
            Impersonal(why) | Apart(why) => {
                ensure!(new.is_empty(), "{name} ({why}) left a line: {new:?}");
            }
            Untried(_) => {}
        }
        last = rows.first().map_or(last, newest);
    }
    Ok(())
}

/// Keeps what later commands are called with.
fn learn(known: &mut BTreeMap<&str, String>, name: &str, answer: &str) -> Result<()> {
    let (place, field) = match name {
        "verify" => ("$entry", "entry"),
        "list take" => ("$list", "list"),
        "api add-hook" => ("$hook", "id"),
        _ => return Ok(()),
    };
    let answer: Value = serde_json::from_str(answer)?;
    known.insert(place, answer[field].as_str().context(field)?.to_owned());
    Ok(())
}

/// The newest lines of the desk's audit, newest first.
fn audit(house: &House) -> Result<Vec<Value>> {
    let text = output(house.desk.command()?.args(["log", "audit", "--json", "--limit", "10"]))?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
