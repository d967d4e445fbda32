//! Passwords: Argon2id (RFC 9106), hashed away from the threads that answer requests.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use yanma_protocol::Secret;

use crate::error::Error;
use crate::secret::random;

/// Hashes that run at once: each takes its memory, so they are not left to the crowd.
const AT_ONCE: usize = 4;

/// What one guess costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PasswordCost {
    /// 19 MiB and two passes, as OWASP's password storage sheet asks for Argon2id.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// As little as the algorithm takes: for tests only.
    pub const TESTS: Self = Self { memory_kib: 8, passes: 1 };
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    places: Arc<Semaphore>,
    /// The hash of no password, checked when there is no account.
    nobody: Arc<str>,
}

impl Passwords {
    /// With the given cost.
    ///
    /// # Errors
    ///
    /// [`Error::Password`] when the cost is outside Argon2's limits.
    pub fn new(cost: PasswordCost) -> Result<Self, Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|reason| Error::Password(reason.into()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &hex::encode(random::<32>()?))?;
        Ok(Self { argon2, places: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The hash of a password that nobody knows.
    pub(crate) fn of_nobody(&self) -> String {
        self.nobody.to_string()
    }

    /// Hashes a password with a fresh salt.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String, Error> {
        let argon2 = self.argon2.clone();
        self.aside(move || hash(&argon2, password.reveal())).await
    }

    /// Whether the password belongs to the hash. Without a hash the same work is done and
    /// the answer is no.
    pub(crate) async fn matches(
        &self,
        password: Secret,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        self.aside(move || {
            let hash = PasswordHash::new(&hash).map_err(Error::Password)?;
            let same = argon2.verify_password(password.reveal().as_bytes(), &hash).is_ok();
            Ok(same && known)
        })
        .await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.places.acquire().await.map_err(|_| Error::Panicked)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Panicked)?
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, Error> {
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(Error::Password)?;
    let hash = argon2.hash_password(password.as_bytes(), &salt).map_err(Error::Password)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_matches() {
        let passwords = Passwords::new(PasswordCost::TESTS).unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        let matches = async |text: &str, hash: Option<&String>| {
            passwords.matches(text.into(), hash.cloned()).await.unwrap()
        };
        assert!(hash.starts_with("$argon2id$"));
        assert!(matches("correct horse", Some(&hash)).await);
        assert!(!matches("correct horse ", Some(&hash)).await);
        assert!(!matches("correct horse", None).await);
        let again = passwords.hash("correct horse".into()).await.unwrap();
        assert_ne!(hash, again, "each hash has its own salt");
    }

    #[test]
    fn the_standard_cost_is_in_argon2s_limits() {
        assert!(Passwords::new(PasswordCost::STANDARD).is_ok());
    }
}
