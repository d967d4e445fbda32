//! Where a PostgreSQL server is, and how the way there is secured.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use postgres::config::SslMode;
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::database::error::DatabaseError;
use crate::error::Error;

/// A server's address, read from `postgres://USER@HOST/NAME` with libpq's parameters.
///
/// `sslrootcert=FILE` names the certificates (PEM) of whoever may vouch for the server. With
/// it every connection over TCP is TLS, and the server's certificate must be for the host's
/// name (libpq's `verify-full`). Without it nothing is encrypted; an address that asks for
/// TLS and names no certificates is refused, because libpq's `require` believes anybody.
#[derive(Clone)]
pub(in crate::database) struct Server {
    config: Config,
    tls: Option<Arc<ClientConfig>>,
}

impl Server {
    pub(in crate::database) fn config(&self) -> &Config {
        &self.config
    }

    /// Connects as `config` says, which is this server's with more settings.
    pub(super) fn connect(&self, config: &Config) -> Result<Client, DatabaseError> {
        Ok(match &self.tls {
            Some(tls) => config.connect(MakeRustlsConnect::new((**tls).clone()))?,
            None => config.connect(NoTls)?,
        })
    }
}

impl FromStr for Server {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        // A password may have a question mark in it.
        let (user, host) = url.split_once('@').map_or(("", url), |(user, host)| (user, host));
        let (host, query) = host.split_once('?').unwrap_or((host, ""));
        let place = if user.is_empty() { host.to_owned() } else { format!("{user}@{host}") };
        let (mut roots, mut asks_for_tls, mut others) = (None, false, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let decoded = percent_decode_str(pair).decode_utf8().map_err(|_| Error::DatabaseTls)?;
            match decoded.split_once('=') {
                Some(("sslrootcert", file)) => roots = Some(file.to_owned()),
                Some(("sslmode", "require" | "verify-ca" | "verify-full")) => asks_for_tls = true,
                // What libpq tries first, or second, is a way for others to read along.
                Some(("sslmode", "allow" | "prefer")) => return Err(Error::DatabaseTls),
                _ => others.push(pair),
            }
        }
        let plain = others.contains(&"sslmode=disable");
        if asks_for_tls && roots.is_none() || plain && (asks_for_tls || roots.is_some()) {
            return Err(Error::DatabaseTls);
        }
        let rest = if others.is_empty() { "" } else { "?" };
        let url = format!("{place}{rest}{}", others.join("&"));
        let mut config: Config = url.parse().map_err(|_| Error::DatabaseUrl)?;
        // Asked for in a way that was not understood here: never without.
        if roots.is_none() && config.get_ssl_mode() == SslMode::Require {
            return Err(Error::DatabaseTls);
        }
        config.ssl_mode(if roots.is_some() { SslMode::Require } else { SslMode::Disable });
        let tls = roots.map(|file| trusting(Path::new(&file)).map(Arc::new));
        Ok(Self { config, tls: tls.transpose()? })
    }
}

/// Clients that believe who is vouched for by the certificates in a file.
fn trusting(file: &Path) -> Result<ClientConfig, Error> {
    let unusable = |reason: String| Error::DatabaseRoots { file: file.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(file).map_err(|e| unusable(e.to_string()))? {
        let root = root.map_err(|error| unusable(error.to_string()))?;
        roots.add(root).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("no certificate is in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| unusable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Without the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, tls } = self;
        f.debug_struct("Server").field("config", config).field("tls", &tls.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_asked_for_with_certificates_or_not_at_all() {
        let server =
            |query: &str| format!("postgres://yanma@db.test/yanma{query}").parse::<Server>();
        for plain in ["", "?sslmode=disable", "?connect_timeout=3"] {
            let server = server(plain).unwrap();
            assert_eq!(
                (server.config.get_ssl_mode(), server.tls.is_some()),
                (SslMode::Disable, false)
            );
        }
        for refused in [
            "?sslmode=require",
            "?sslmode=verify-full",
            "?sslmode=prefer",
            "?sslmode=disable&sslrootcert=%2Fa.pem",
            "?sslrootcert=%2Fa.pem&sslmode=allow",
            "?sslrootcert=%FF",
            "?sslmode=%72equire",
            "?ssl%6Dode=prefer",
        ] {
            assert!(matches!(server(refused), Err(Error::DatabaseTls)), "{refused}");
        }
        assert!(matches!(server("?sslmode=other"), Err(Error::DatabaseUrl)));
        let odd = "postgres://yanma:p?ss@db.test/yanma?sslmode=require".parse::<Server>();
        assert!(matches!(odd, Err(Error::DatabaseTls)));
        let file = tempfile::NamedTempFile::new().unwrap();
        let named = format!("?sslmode=verify-full&sslrootcert={}", file.path().display());
        for text in
            ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
        {
            std::fs::write(file.path(), text).unwrap();
            assert!(matches!(server(&named), Err(Error::DatabaseRoots { .. })), "{text}");
        }
        assert!(matches!(server("?sslrootcert=/no/such"), Err(Error::DatabaseRoots { .. })));
    }
}
