//! Which addresses may be told: encrypted ones, and those of this computer or its own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// The longest address, in bytes.
const LONGEST: usize = 2000;

/// Why an address cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookUrlError {
    /// Not a URL, or not one of http or https, or with a password or a `#` in it.
    #[error("the address must be one of https, without a password or # in it")]
    NotHttps,
    /// Unencrypted, and not to this computer or a private address: others could read and change
    /// it on the way.
    #[error(
        "without https, only this computer and private addresses such as 192.168.0.9 may be told"
    )]
    NotEncrypted,
}

/// Reads an address.
pub(super) fn read(text: &str) -> Result<Url, HookUrlError> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| HookUrlError::NotHttps)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !plain || text.len() > LONGEST {
        return Err(HookUrlError::NotHttps);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_near(url.host_str().unwrap_or_default()) => Ok(url),
        "http" => Err(HookUrlError::NotEncrypted),
        _ => Err(HookUrlError::NotHttps),
    }
}

/// This computer, or a private address by number. A name may lead anywhere tomorrow.
fn is_near(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    match number.parse() {
        Ok(IpAddr::V4(address)) => is_near_v4(address),
        Ok(IpAddr::V6(address)) => is_near_v6(address),
        Err(_) => host == "localhost",
    }
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private()
}

/// `fc00::/7` is private (RFC 4193).
fn is_near_v6(address: Ipv6Addr) -> bool {
    match address.to_ipv4_mapped() {
        Some(mapped) => is_near_v4(mapped),
        None => address.is_loopback() || address.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_near_may_be_told() {
        for good in [
            "https://pms.example/hooks/yanma?desk=1",
            "https://203.0.113.9/",
            "http://127.0.0.1:9000/hook",
            "http://localhost/hook",
            "http://[::1]:9/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.20:8080/",
            "http://[fd00::1]/",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", HookUrlError::NotHttps),
            ("pms.example", HookUrlError::NotHttps),
            ("ftp://127.0.0.1/", HookUrlError::NotHttps),
            ("file:///etc/passwd", HookUrlError::NotHttps),
            ("https://me:secret@pms.example/", HookUrlError::NotHttps),
            ("https://pms.example/#part", HookUrlError::NotHttps),
            ("http://pms.example/", HookUrlError::NotEncrypted),
            ("http://localhost.example/", HookUrlError::NotEncrypted),
            ("http://169.254.169.254/latest/", HookUrlError::NotEncrypted),
            ("http://172.32.0.1/", HookUrlError::NotEncrypted),
            ("http://8.8.8.8/", HookUrlError::NotEncrypted),
            ("http://0.0.0.0/", HookUrlError::NotEncrypted),
            ("http://[2001:db8::1]/", HookUrlError::NotEncrypted),
        ] {
            assert_eq!(read(bad), Err(why), "{bad}");
        }
        let long = format!("https://pms.example/{}", "x".repeat(2000));
        assert_eq!(read(&long), Err(HookUrlError::NotHttps));
    }
}
