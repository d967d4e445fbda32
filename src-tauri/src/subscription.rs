//! Which lists this desk has, as the page shows and sets it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use yanma_station::domain::IssuerId;
use yanma_station::domain::trust::Words;
use yanma_station::protocol::city_list::CityCode;
use yanma_station::sync::CityStanding;
use yanma_station::{Desk, DeskError, Subscription};

use crate::commands::Answer;
use crate::shell::Shell;
use crate::views::{WordsView, seconds};

/// Which lists this desk has.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SubscriptionView {
    /// The directory, by which a card finds its colour without a network.
    documents: bool,
    /// The cities that could be chosen in the place of the whole directory; none where the
    /// authority publishes no directories of cities.
    cities: Vec<WantedCity>,
    /// The other issuers whose lists could be had.
    regions: Vec<WantedRegion>,
}

/// A city, or whoever is in none.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WantedCity {
    /// The first four digits of GB/T 2260; 0 for whoever is in no city.
    code: u16,
    name: WordsView,
    /// Whether it is one of those that were chosen; none is while the whole directory is wanted.
    chosen: bool,
}

/// Another issuer.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WantedRegion {
    issuer: u8,
    name: WordsView,
    wanted: bool,
}

/// The directory of a city, in the place of the whole one.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CityView {
    /// The first four digits of GB/T 2260; 0 for whoever is in no city.
    code: u16,
    name: WordsView,
    /// None while it is not on this desk.
    age_seconds: Option<f64>,
    documents: f64,
}

impl CityView {
    pub(crate) fn of(desk: &Desk, city: &CityStanding) -> Self {
        let age = |as_of: Timestamp| (desk.now().as_second() - as_of.as_second()).max(0);
        Self {
            code: city.code.0,
            name: (&city.name).into(),
            age_seconds: city.as_of.map(age).map(seconds),
            documents: city.documents as f64,
        }
    }
}

impl SubscriptionView {
    fn of(desk: &Desk) -> Result<Self, DeskError> {
        let Subscription { documents, cities: chosen, regions } = desk.subscription()?;
        let chosen = chosen.unwrap_or_default();
        let mut named = desk.cities_to_choose()?;
        // One that a settings file chose and nobody has named yet is kept as well.
        let unnamed: Vec<_> = chosen
            .iter()
            .filter(|code| !named.iter().any(|(named, _)| named == *code))
            .map(|code| (*code, Words { zh: code.to_string(), en: code.to_string() }))
            .collect();
        named.extend(unnamed);
        let cities = named.into_iter().map(|(code, name)| WantedCity {
            code: code.0,
            name: (&name).into(),
            chosen: chosen.contains(&code),
        });
        let wanted =
            |issuer: IssuerId| regions.as_ref().is_none_or(|regions| regions.contains(&issuer));
        let offered = desk.regions_to_subscribe().into_iter();
        let regions = offered.map(|issuer| WantedRegion {
            issuer: issuer.id.0,
            wanted: wanted(issuer.id),
            name: (&issuer.name).into(),
        });
        Ok(Self { documents, cities: cities.collect(), regions: regions.collect() })
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn subscription(shell: State<'_, Arc<Shell>>) -> Answer<SubscriptionView> {
    shell.work(|shell| SubscriptionView::of(&shell.desk)).await
}

/// `cities` are those whose directories are wanted in the place of the whole one; none given means
/// the whole. `regions` are the other issuers whose lists are wanted; none given means all, those too that
/// the authority will recognise later.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_subscription(
    shell: State<'_, Arc<Shell>>,
    documents: bool,
    cities: Option<Vec<u16>>,
    regions: Option<Vec<u8>>,
) -> Answer<SubscriptionView> {
    let regions = regions.map(|regions| regions.into_iter().map(IssuerId).collect());
    let cities = cities.map(|cities| cities.into_iter().map(CityCode).collect());
    shell.desk.subscribe(&Subscription { documents, cities, regions }).await?;
    shell.work(|shell| SubscriptionView::of(&shell.desk)).await
}
