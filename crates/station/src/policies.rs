//! The policies this program was made with: in force until the authority delivers its own.

use yanma_domain::policy::Policy;

/// The scene of a desk that was given none.
pub const PLAIN: &str = "general";

const BUILT_IN: [(&str, &str); 4] = [
    ("general", include_str!("../../../assets/policies/general.toml")),
    ("hospital", include_str!("../../../assets/policies/hospital.toml")),
    ("hotel", include_str!("../../../assets/policies/hotel.toml")),
    ("airport", include_str!("../../../assets/policies/airport.toml")),
];

/// The policy of a scene.
pub fn built_in(scene: &str) -> Option<Policy> {
    let (_, text) = BUILT_IN.iter().find(|(id, _)| *id == scene)?;
    let policy: Policy = toml::from_str(text).ok()?;
    policy.check().ok()?;
    Some(policy)
}

/// Every scene there is a policy for.
pub fn scenes() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_can_be_used() {
        for scene in scenes() {
            let policy = built_in(scene);
            assert!(policy.is_some_and(|policy| policy.id == scene), "{scene}");
        }
    }
}
