//! A quarter of an hour at the desk of a place as a table: `cargo xtask run --scene hotel --headless`.

use anyhow::{Context, Result, bail};
use xtask::demo::DemoAuthority;
use xtask::scenes::{Scene, people};
use xtask::station::DemoStation;

/// Tells a quarter of an hour at the desk and fails if it went otherwise.
pub(crate) fn tell(scene: Scene, authority: &DemoAuthority, desk: &DemoStation) -> Result<()> {
    for list in desk.lists()? {
        let id = list["list"].as_str().context("a list has an id")?;
        println!("\n{} ({} people)", list["name"].as_str().unwrap_or_default(), list["people"]);
        for one in desk.listed(id)? {
            let of = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let ahead = one["problem"].as_str().or(one["ahead"].as_str()).unwrap_or_default();
            println!(
                "  {:>3}  {:<5} {:<12} {}  {}",
                one["line"],
                of("room"),
                ahead,
                of("name"),
                of("document")
            );
        }
    }
    println!("\n{:<32} {:<26} {:<8} {:<12} done", "who", "shown", "verdict", "list");
    let mut let_in = 0;
    for comes in people(scene, authority)? {
        comes.meet(desk)?;
        let note = if comes.fever { "  FEVER" } else { "" };
        println!(
            "{:<32} {:<26} {:<8} {:<12} {}{note}",
            comes.label, comes.shown, comes.verdict, comes.expected, comes.action
        );
        let_in += u64::from(comes.action == "admitted" && comes.expected == "expected");
    }
    let arrived: u64 = desk.lists()?.iter().filter_map(|list| list["arrived"].as_u64()).sum();
    println!("\n{arrived} of those on the lists have come");
    // Whoever is on it twice came once, and both lines say so.
    if arrived < let_in {
        bail!("{let_in} on the lists were let in, and {arrived} lines say so");
    }
    Ok(())
}
