//! What a signature is about.
//!
//! Every signature is made over a namespace and the message, so that one made for a
//! purpose never counts for another, whatever the bytes. That holds as long as no
//! namespace is the beginning of another one: a test looks after it.

/// Over heads.
pub const HEAD: &[u8] = b"yanma-feed-head-v1";
/// Over trust lists.
pub const TRUST: &[u8] = b"yanma-feed-trust-v1";
/// Over policies.
pub const POLICY: &[u8] = b"yanma-feed-policy-v1";
/// Over status lists, whole and in steps.
pub const STATUS: &[u8] = b"yanma-feed-status-v1";
/// Over directories, whole and in steps.
pub const DIRECTORY: &[u8] = b"yanma-feed-directory-v1";
/// Over the list of the directories of single cities.
pub const CITIES: &[u8] = b"yanma-feed-cities-v1";
/// Over a root key's word on which one comes after it.
pub const ROOT: &[u8] = b"yanma-root-v1";

/// Over a batch of facts that a department reports.
pub const FACTS: &[u8] = b"yanma-facts-v1";

/// Over a question of one region to another about somebody's colour at home.
pub const HOME_QUESTION: &[u8] = b"yanma-home-question-v1";
/// Over the answer to one.
pub const HOME_ANSWER: &[u8] = b"yanma-home-answer-v1";

/// Over a log that a desk seals for its authority.
pub const SEALED_LOG: &[u8] = b"yanma-sealed-log-v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_the_beginning_of_another() {
        // The last one is that of health codes, in `yanma_domain::code`.
        let files = [HEAD, TRUST, POLICY, STATUS, DIRECTORY, CITIES, ROOT];
        let all = [&files[..], &[FACTS, HOME_QUESTION, HOME_ANSWER, SEALED_LOG, b"yanma-code-v1"]]
            .concat();
        for (at, one) in all.iter().enumerate() {
            for (other_at, other) in all.iter().enumerate() {
                assert!(at == other_at || !other.starts_with(one), "{at} begins {other_at}");
            }
        }
    }
}
