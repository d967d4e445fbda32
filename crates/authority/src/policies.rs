//! The policies that are published: the built-in ones, so far.

use yanma_domain::policy::Policy;

use crate::error::Error;

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
}
