//! Figures for the console.

use std::sync::Arc;

use axum::extract::State;
use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_protocol::statistics::{
    DAYS_CSV_PATH, DAYS_PATH, DaysQuery, DaysResponse, STATISTICS_CSV_PATH, STATISTICS_PATH,
    StatisticsResponse,
};

use super::answers::{Csv, JsonOrCsv};
use super::callers::Official;
use super::csv::{WantsCsv, csv};
use super::describe::{Routes, Tag};
use super::error::Failure;
use super::query::Asked;
use crate::authority::Authority;
use crate::clerks::needed::SeeStatistics;
use crate::error::Error;
use crate::statistics::words::percent;

/// Figures for the console.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Statistics)
        .get(STATISTICS_PATH, statistics, "The figures now", |it| it)
        .get(STATISTICS_CSV_PATH, statistics_csv, "The figures now, as CSV", |it| {
            it.says(
                "Columns `figure`, `city`, `value`, and in each row `issuer` and `at`: whose \
                 figures they are, and when they were read. A ratio is in per cent.",
            )
        })
        .get(DAYS_PATH, days, "Day by day, and how codes and desks are now", |it| it)
        .get(DAYS_CSV_PATH, days_csv, "Day by day, as CSV", |it| {
            it.says("Each row ends with `issuer` and `at`, as that of the figures now.")
        })
}

async fn statistics(
    State(authority): State<Arc<Authority>>,
    _: Official<SeeStatistics>,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<JsonOrCsv<StatisticsResponse>, Failure> {
    let (issuer, figures) = (authority.issuer(), authority.statistics().await?);
    Ok(if wants_csv { JsonOrCsv::Csv(table(issuer, &figures)?) } else { JsonOrCsv::Json(figures) })
}

async fn statistics_csv(
    State(authority): State<Arc<Authority>>,
    _: Official<SeeStatistics>,
) -> Result<Csv, Failure> {
    Ok(table(authority.issuer(), &authority.statistics().await?)?)
}

/// Whose figures a file has, and of when: the columns `issuer` and `at`. They stand in each row,
/// so that a spreadsheet has nothing but a heading and rows, and rows of several files stay apart.
fn origin(issuer: IssuerId, at: Timestamp) -> [String; 2] {
    [issuer.to_string(), format!("{at:.0}")]
}

fn table(issuer: IssuerId, figures: &StatisticsResponse) -> Result<Csv, Error> {
    let row = |figure: &str, value: String| [figure.to_owned(), String::new(), value];
    let ratio = |ratio| percent(ratio).replace(" %", "");
    let mut rows = vec![
        row("codes_issued", figures.codes_issued.to_string()),
        row("from_other_provinces", figures.from_other_provinces.to_string()),
        row("from_abroad", figures.from_abroad.to_string()),
        row("codes_in_force", figures.codes_in_force.to_string()),
        row("times_shown", figures.times_shown.to_string()),
    ];
    // Without a population there is no ratio, and 0 % would be one.
    if !figures.cities.is_empty() {
        rows.push(row("residents", figures.residents.to_string()));
        rows.push(row("population", figures.population.to_string()));
        rows.push(row("claim_ratio_percent", ratio(figures.claim_ratio)));
    }
    for city in &figures.cities {
        let row = |figure: &str, value| [figure.to_owned(), city.name.zh.clone(), value];
        rows.push(row("residents", city.residents.to_string()));
        rows.push(row("population", city.population.to_string()));
        rows.push(row("claim_ratio_percent", ratio(city.claim_ratio)));
    }
    let [by, at] = origin(issuer, figures.at);
    let rows =
        rows.into_iter().map(|[figure, city, value]| [figure, city, value, by.clone(), at.clone()]);
    csv(["figure", "city", "value", "issuer", "at"], rows, None)
}

async fn days(
    State(authority): State<Arc<Authority>>,
    _: Official<SeeStatistics>,
    WantsCsv(wants_csv): WantsCsv,
    Asked(query): Asked<DaysQuery>,
) -> Result<JsonOrCsv<DaysResponse>, Failure> {
    let (issuer, found) = (authority.issuer(), authority.days(query.days()?).await?);
    Ok(if wants_csv { JsonOrCsv::Csv(days_table(issuer, found)?) } else { JsonOrCsv::Json(found) })
}

async fn days_csv(
    State(authority): State<Arc<Authority>>,
    _: Official<SeeStatistics>,
    Asked(query): Asked<DaysQuery>,
) -> Result<Csv, Failure> {
    Ok(days_table(authority.issuer(), authority.days(query.days()?).await?)?)
}

fn days_table(issuer: IssuerId, found: DaysResponse) -> Result<Csv, Error> {
    let [by, at] = origin(issuer, found.at);
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
            by.clone(),
            at.clone(),
        ]
    });
    let head = [
        "day", "shown", "claimed", "admitted", "referred", "refused", "reported", "amber", "red",
        "issuer", "at",
    ];
    csv(head, rows, None)
}
