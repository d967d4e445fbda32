//! A database filled with the people of a province.

use std::sync::{Arc, Mutex};

use serde_json::json;
use yanma_authority::accounts::PasswordCost;
use yanma_authority::keys::KeyRing;
use yanma_authority::simulate::fill;
use yanma_authority::{Authority, Clock, Error, Settings};

use crate::world::instant;

const BEGIN: &str = "2020-07-01T08:00:00Z";

fn settings(folder: &tempfile::TempDir) -> Settings {
    let database = crate::place::url(folder.path()).parse().unwrap();
    let mut settings = Settings::new(database, folder.path()).unwrap();
    settings.password_cost = PasswordCost::TESTS;
    KeyRing::make(&settings.keys(), instant(BEGIN)).unwrap();
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_database_has_the_mix_of_the_briefing_and_is_filled_once() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&folder);
    let clock = Clock::from_fn(|| instant(BEGIN));
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = |told: &Arc<Mutex<Vec<u32>>>| {
        let told = Arc::clone(told);
        move |done| told.lock().unwrap().push(done)
    };
    fill(&settings, &clock, 6_000, 7, tell(&told)).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [6_000]);
    fill(&settings, &clock, 6_000, 7, tell(&told)).await.unwrap();
    assert_eq!(told.lock().unwrap().len(), 1, "it is complete");
    for (holders, seed, field) in [(6_001, 7, "holders"), (6_000, 8, "seed"), (0, 7, "holders")] {
        let refused = fill(&settings, &clock, holders, seed, |_| {}).await.unwrap_err();
        assert!(matches!(refused, Error::Field(misfit) if misfit.field == field));
    }

    let authority = Authority::open(settings, clock).await.unwrap();
    let figures = authority.statistics().await.unwrap();
    let sums = json!([
        figures.codes_issued,
        figures.codes_in_force,
        figures.from_other_provinces,
        figures.from_abroad,
        figures.residents,
        figures.times_shown,
    ]);
    assert_eq!(sums, json!([6_000, 6_000, 282, 19, 5_612, 35_924]));
    let cities: u64 = figures.cities.iter().map(|city| city.residents).sum();
    assert_eq!(cities, figures.residents);
    let largest = figures.cities.iter().max_by_key(|city| city.residents).unwrap();
    assert_eq!(largest.name.en, "Quanzhou");
    let explained = crate::place::ask(
        folder.path(),
        "SELECT count(*) - (SELECT count(*) FROM holders WHERE colour <> 0), count(*) > 9
         FROM colour_changes JOIN holders ON holder = status_index
         WHERE colour_changes.colour = holders.colour AND reasons LIKE '%facts%'",
    );
    assert!(["0|1", "0|t"].contains(&explained.as_str()), "{explained}");
}
