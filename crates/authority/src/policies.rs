//! The policies that are published: the built-in ones, unless others were put in force.

use jiff::Timestamp;
use yanma_domain::policy::Policy;
use yanma_protocol::{FieldError, FieldProblem};

use crate::clerks::Clerk;
use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- Every version that was ever put in force; the highest one of a scene counts.
CREATE TABLE policies (
    scene   TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- The whole policy as JSON.
    policy  TEXT NOT NULL,
    put_at  INTEGER NOT NULL,
    clerk   INTEGER NOT NULL REFERENCES clerks (id),
    PRIMARY KEY (scene, version)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE policies (
    scene   TEXT NOT NULL,
    version BIGINT NOT NULL,
    policy  TEXT NOT NULL,
    put_at  BIGINT NOT NULL,
    clerk   BIGINT NOT NULL REFERENCES clerks (id),
    PRIMARY KEY (scene, version)
);
",
};

const FILES: [(&str, &str); 4] = [
    ("policies/general.toml", include_str!("../../../assets/policies/general.toml")),
    ("policies/hospital.toml", include_str!("../../../assets/policies/hospital.toml")),
    ("policies/hotel.toml", include_str!("../../../assets/policies/hotel.toml")),
    ("policies/airport.toml", include_str!("../../../assets/policies/airport.toml")),
];

/// The policies of `assets/policies`, as they were when this program was built.
///
/// # Errors
///
/// [`Error::Asset`], which a test rules out.
pub(crate) fn built_in() -> Result<Vec<Policy>, Error> {
    FILES
        .iter()
        .map(|(path, text)| {
            let policy: Policy = toml::from_str(text).map_err(|_| Error::Asset(path))?;
            policy.check().map_err(|_| Error::Asset(path))?;
            Ok(policy)
        })
        .collect()
}

/// The policies in force, one for each scene.
///
/// # Errors
///
/// [`Error::Database`], and as [`built_in`].
pub(crate) fn in_force(session: &Session<'_>) -> Result<Vec<Policy>, Error> {
    let mut policies = built_in()?;
    let sql = "SELECT policy FROM policies ORDER BY scene, version";
    let put = session.rows(sql, params![], |row| {
        let policy: String = row.get("policy")?;
        serde_json::from_str::<Policy>(&policy).map_err(|_| Error::Damaged("policy"))
    })?;
    for policy in put {
        let own = policies.iter_mut().find(|each| each.id == policy.id);
        // A built-in one may be newer than what was put before it came.
        if let Some(own) = own.filter(|own| own.version < policy.version) {
            *own = policy;
        }
    }
    Ok(policies)
}

/// Puts a policy in force, from the next publishing on.
///
/// # Errors
///
/// [`Error::NotFound`] for a scene that is not there; [`Error::Field`] at `policy.version`
/// when it is not one above the one in force: somebody else was quicker, or it is a slip.
pub(crate) fn put(
    change: &Change<'_>,
    policy: &Policy,
    clerk: &Clerk,
    now: Timestamp,
) -> Result<(), Error> {
    let before = in_force(change)?.into_iter().find(|each| each.id == policy.id);
    let before = before.ok_or(Error::NotFound("policy"))?;
    if policy.version != before.version.saturating_add(1) {
        return Err(FieldError::new("policy.version", FieldProblem::Form).into());
    }
    let text = serde_json::to_string(policy).map_err(|_| Error::Damaged("policy"))?;
    change.execute(
        "INSERT INTO policies (scene, version, policy, put_at, clerk) VALUES ($1, $2, $3, $4, $5)",
        params![policy.id, policy.version, text, ms(now), clerk.id],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_policy_for_every_scene() {
        let policies = built_in().unwrap();
        let mut scenes: Vec<_> = policies.iter().map(|policy| policy.id.as_str()).collect();
        let mut expect = crate::stations::SCENES;
        scenes.sort_unstable();
        expect.sort_unstable();
        assert_eq!(scenes, expect);
    }

    #[test]
    fn a_policy_follows_the_one_in_force() {
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        crate::database::testing::with_change(|change| {
            let clerk = crate::clerks::command_line(change, now).unwrap();
            let hotel = |change: &Change<'_>| {
                in_force(change).unwrap().into_iter().find(|policy| policy.id == "hotel").unwrap()
            };
            let mut policy = hotel(change);
            policy.freshness.limit_minutes += 1;
            assert!(matches!(put(change, &policy, &clerk, now), Err(Error::Field(_))));
            policy.version += 1;
            put(change, &policy, &clerk, now).unwrap();
            assert_eq!(hotel(change), policy);
            assert!(matches!(put(change, &policy, &clerk, now), Err(Error::Field(_))));
            policy.id = "cinema".to_owned();
            assert!(matches!(put(change, &policy, &clerk, now), Err(Error::NotFound(_))));
            assert_eq!(in_force(change).unwrap().len(), built_in().unwrap().len());
        });
    }
}
