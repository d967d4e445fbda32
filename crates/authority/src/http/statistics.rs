//! Figures for the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use yanma_protocol::statistics::{DaysQuery, DaysResponse, StatisticsResponse};

use super::callers::Official;
use super::csv::{WantsCsv, csv};
use super::error::Failure;
use super::query::Asked;
use crate::authority::Authority;
use crate::clerks::Right;
use crate::error::Error;
use crate::statistics::words::percent;

pub(super) async fn statistics(
    State(authority): State<Arc<Authority>>,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<Response, Failure> {
    official.with(Right::SeeStatistics)?;
    let figures = authority.statistics().await?;
    if wants_csv { Ok(table(&figures)?) } else { Ok(Json(figures).into_response()) }
}

pub(super) async fn statistics_csv(
    State(authority): State<Arc<Authority>>,
    official: Official,
) -> Result<Response, Failure> {
    official.with(Right::SeeStatistics)?;
    Ok(table(&authority.statistics().await?)?)
}

fn table(figures: &StatisticsResponse) -> Result<Response, Error> {
    let row = |figure: &str, value: String| [figure.to_owned(), String::new(), value];
    let ratio = |ratio| percent(ratio).replace(" %", "");
    let mut rows = vec![
        row("codes_issued", figures.codes_issued.to_string()),
        row("from_other_provinces", figures.from_other_provinces.to_string()),
        row("from_abroad", figures.from_abroad.to_string()),
        row("codes_in_force", figures.codes_in_force.to_string()),
        row("times_shown", figures.times_shown.to_string()),
        row("residents", figures.residents.to_string()),
        row("population", figures.population.to_string()),
        row("claim_ratio_percent", ratio(figures.claim_ratio)),
    ];
    for city in &figures.cities {
        let row = |figure: &str, value| [figure.to_owned(), city.name.zh.clone(), value];
        rows.push(row("residents", city.residents.to_string()));
        rows.push(row("population", city.population.to_string()));
        rows.push(row("claim_ratio_percent", ratio(city.claim_ratio)));
    }
    csv(["figure", "city", "value"], rows, None)
}

pub(super) async fn days(
    State(authority): State<Arc<Authority>>,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
    Asked(query): Asked<DaysQuery>,
) -> Result<Response, Failure> {
    official.with(Right::SeeStatistics)?;
    let found = authority.days(query.days()?).await?;
    if wants_csv { Ok(days_table(found)?) } else { Ok(Json(found).into_response()) }
}

pub(super) async fn days_csv(
    State(authority): State<Arc<Authority>>,
    official: Official,
    Asked(query): Asked<DaysQuery>,
) -> Result<Response, Failure> {
    official.with(Right::SeeStatistics)?;
    Ok(days_table(authority.days(query.days()?).await?)?)
}

fn days_table(found: DaysResponse) -> Result<Response, Error> {
    let known = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    let rows = found.days.into_iter().map(|day| {
        [
            day.day.to_string(),
            day.shown.to_string(),
            day.claimed.to_string(),
            day.admitted.to_string(),
            day.referred.to_string(),
            day.refused.to_string(),
            day.reported.to_string(),
            known(day.amber),
            known(day.red),
        ]
    });
    let head =
        ["day", "shown", "claimed", "admitted", "referred", "refused", "reported", "amber", "red"];
    csv(head, rows, None)
}
