//! Sites, enrolment codes, and the stations that came of them.

mod enrolments;
mod figures;
mod seen;
mod sites;
mod table;

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::stations::{
    EnrolRequest, EnrolmentRequest, EnrolmentResponse, Site, StationRecord,
};
use yanma_protocol::{FieldError, FieldProblem, Secret};

use crate::database::{Change, Session};
use crate::error::Error;
use crate::secret::{self, TokenHash};

pub(crate) use enrolments::{TABLE_1 as ENROLMENTS_1, usable as enrolment_usable};
pub(crate) use figures::figures;
pub(crate) use seen::{Seen, TABLE_2 as SEEN_2};
pub(crate) use sites::{
    SiteRow, TABLE_1 as SITES_1, all as all_sites, find as find_site, put as put_site,
};
pub(crate) use table::{Station, TABLE_1 as STATIONS_1};

/// How long an enrolment code works.
pub const ENROLMENT_HOURS: i64 = 72;

/// The scenes a site may have, as in design.md §1.
pub const SCENES: [&str; 4] = ["general", "hospital", "hotel", "airport"];

/// A station that was just enrolled.
#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) station: String,
    pub(crate) token: String,
    pub(crate) site: Site,
    pub(crate) scene: String,
}

/// Hands out a one-time code for a desk at a site.
///
/// # Errors
///
/// [`Error::NotFound`] for an unknown site, [`Error::Field`] for an unknown scene.
pub(crate) fn hand_out(
    change: &Change<'_>,
    request: &EnrolmentRequest,
    now: Timestamp,
) -> Result<EnrolmentResponse, Error> {
    let site = find_site(change, &request.site)?.ok_or(Error::NotFound("site"))?;
    let scene = request.scene.clone().unwrap_or(site.scene);
    check_scene(&scene)?;
    let code = secret::new_typed_code()?;
    let expires_at = now + SignedDuration::from_hours(ENROLMENT_HOURS);
    enrolments::insert(
        change,
        &enrolment_hash(&code),
        &site.site.id,
        request.station_name.as_deref(),
        &scene,
        expires_at,
    )?;
    Ok(EnrolmentResponse { enrolment_code: Secret::new(code), expires_at })
}

/// Turns an enrolment code into a station. The code is used up even if the answer is lost:
/// the clerk hands out another one then.
///
/// # Errors
///
/// [`Error::EnrolmentCode`].
pub(crate) fn enrol(
    change: &Change<'_>,
    request: &EnrolRequest,
    now: Timestamp,
) -> Result<Enrolled, Error> {
    let code = enrolment_hash(request.enrolment_code.reveal());
    let enrolment = enrolments::use_up(change, &code, now)?.ok_or(Error::EnrolmentCode)?;
    let site = find_site(change, &enrolment.site)?.ok_or(Error::NotFound("site"))?;
    let token = secret::new_token()?;
    let station = format!("desk-{}", hex::encode(secret::random::<5>()?));
    let name = enrolment.station_name.as_deref();
    table::insert(
        change,
        &Station { id: station.clone(), site: site.site.id.clone() },
        name.unwrap_or(&request.station_name),
        &enrolment.scene,
        &secret::hash(&token),
        now,
    )?;
    Ok(Enrolled { station, token, site: site.site, scene: enrolment.scene })
}

/// The stations that have these tokens and are not revoked.
pub(crate) fn find(
    session: &Session<'_>,
    tokens: &[TokenHash],
) -> Result<Vec<(TokenHash, Station)>, Error> {
    table::find(session, tokens)
}

/// The station of this name and the hash of its token, unless it was revoked.
pub(crate) fn in_force(
    session: &Session<'_>,
    id: &str,
) -> Result<Option<(TokenHash, Station)>, Error> {
    table::in_force(session, id)
}

/// Whether this is the token of a station that was revoked: it is told so, and nobody else.
pub(crate) fn is_revoked(session: &Session<'_>, token: &TokenHash) -> Result<bool, Error> {
    table::is_revoked(session, token)
}

/// Every station, revoked ones included.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<StationRecord>, Error> {
    table::all(session)
}

/// One station, revoked or not.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn one(session: &Session<'_>, id: &str) -> Result<StationRecord, Error> {
    table::one(session, id)?.ok_or(Error::NotFound("station"))
}

/// Ends a station: its token counts no longer, and it cannot be brought back.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn revoke(change: &Change<'_>, id: &str, now: Timestamp) -> Result<(), Error> {
    if table::revoke(change, id, now)? { Ok(()) } else { Err(Error::NotFound("station")) }
}

/// What the database keeps of an enrolment code, however it was typed.
pub(crate) fn enrolment_hash(code: &str) -> TokenHash {
    secret::hash(&secret::normalise_typed_code(code))
}

/// Passes a scene that this version knows.
pub(crate) fn check_scene(scene: &str) -> Result<(), FieldError> {
    if SCENES.contains(&scene) { Ok(()) } else { Err(FieldError::new("scene", FieldProblem::Form)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn with_code(test: impl FnOnce(&Change<'_>, Secret)) {
        crate::database::testing::with_change(|change| {
            put_site(change, &SiteRow::new("gate-1", "一号门", "Gate 1", "hospital")).unwrap();
            let request =
                EnrolmentRequest { site: "gate-1".into(), station_name: None, scene: None };
            let handed_out = hand_out(change, &request, at("2020-07-01T00:00:00Z")).unwrap();
            test(change, handed_out.enrolment_code);
        });
    }

    fn request(code: &str) -> EnrolRequest {
        EnrolRequest { enrolment_code: code.into(), station_name: "desk".into() }
    }

    #[test]
    fn a_code_works_once_however_it_is_typed() {
        with_code(|change, code| {
            let now = at("2020-07-01T01:00:00Z");
            let typed = code.reveal().to_lowercase().replace('-', "");
            let enrolled = enrol(change, &request(&typed), now).unwrap();
            assert_eq!(enrolled.scene, "hospital");
            let again = enrol(change, &request(code.reveal()), now);
            assert!(matches!(again, Err(Error::EnrolmentCode)));
            let token = secret::hash(&enrolled.token);
            let found = find(change, &[token]).unwrap();
            let site = "gate-1".to_owned();
            assert_eq!(found, [(token, Station { id: enrolled.station, site })]);
        });
    }

    #[test]
    fn a_code_ends() {
        let end = at("2020-07-01T00:00:00Z") + ENROLMENT_HOURS.hours();
        for (now, works) in [(end - 1.millisecond(), true), (end, false)] {
            with_code(|change, code| {
                let enrolled = enrol(change, &request(code.reveal()), now);
                assert_eq!(enrolled.is_ok(), works, "at {now}");
            });
        }
    }

    #[test]
    fn a_code_for_no_site_or_no_scene_is_not_handed_out() {
        with_code(|change, _| {
            let ask = |site: &str, scene: Option<&str>| {
                let request = EnrolmentRequest {
                    site: site.into(),
                    station_name: None,
                    scene: scene.map(str::to_owned),
                };
                hand_out(change, &request, at("2020-07-01T00:00:00Z"))
            };
            assert!(matches!(ask("gate-2", None), Err(Error::NotFound("site"))));
            assert!(matches!(ask("gate-1", Some("cinema")), Err(Error::Field(_))));
            assert!(ask("gate-1", Some("hotel")).is_ok());
        });
    }
}
