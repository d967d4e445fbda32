//! Which lists this desk has, as the page shows and sets it.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::State;
use yanma_station::domain::IssuerId;
use yanma_station::{Desk, DeskError, Subscription};

use crate::commands::Answer;
use crate::shell::Shell;
use crate::views::WordsView;

/// Which lists this desk has.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SubscriptionView {
    /// The directory, by which a card finds its colour without a network.
    documents: bool,
    /// The other issuers whose lists could be had.
    regions: Vec<WantedRegion>,
}

/// Another issuer.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WantedRegion {
    issuer: u8,
    name: WordsView,
    wanted: bool,
}

impl SubscriptionView {
    fn of(desk: &Desk) -> Result<Self, DeskError> {
        let Subscription { documents, regions } = desk.subscription()?;
        let wanted =
            |issuer: IssuerId| regions.as_ref().is_none_or(|regions| regions.contains(&issuer));
        let offered = desk.regions_to_subscribe().into_iter();
        let regions = offered.map(|issuer| WantedRegion {
            issuer: issuer.id.0,
            wanted: wanted(issuer.id),
            name: (&issuer.name).into(),
        });
        Ok(Self { documents, regions: regions.collect() })
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn subscription(shell: State<'_, Arc<Shell>>) -> Answer<SubscriptionView> {
    shell.work(|shell| SubscriptionView::of(&shell.desk)).await
}

/// `regions` are the other issuers whose lists are wanted; none given means all, those too that
/// the authority will recognise later.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_subscription(
    shell: State<'_, Arc<Shell>>,
    documents: bool,
    regions: Option<Vec<u8>>,
) -> Answer<SubscriptionView> {
    let regions = regions.map(|regions| regions.into_iter().map(IssuerId).collect());
    shell.desk.subscribe(&Subscription { documents, regions }).await?;
    shell.work(|shell| SubscriptionView::of(&shell.desk)).await
}
