//! Where a page printer is: `ipp://host:port/path` in machine.toml.

use std::fmt;

use ipp::prelude::Uri;

/// The port of IPP.
const PORT: u16 = 631;
/// Longest address that IPP carries.
const LEN_MAX: usize = 1_023;

/// An address without encryption: the printer stands beside the station, on a cable of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    ipp: String,
    http: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("not an address")]
    Malformed,
    #[error("expected ipp://host:port/path")]
    Scheme,
    #[error("a name or a question in the address")]
    Extra,
    #[error("longer than {LEN_MAX} characters")]
    TooLong,
}

impl Address {
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.len() > LEN_MAX {
            return Err(BadAddress::TooLong);
        }
        let uri: Uri = text.parse().map_err(|_| BadAddress::Malformed)?;
        if uri.scheme_str() != Some("ipp") {
            return Err(BadAddress::Scheme);
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(BadAddress::Malformed)?;
        let is_plain = uri.query().is_none()
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if !is_plain {
            return Err(BadAddress::Extra);
        }
        let (port, path) = (uri.port_u16().unwrap_or(PORT), uri.path());
        let rest = format!("{host}:{port}{path}");
        Ok(Self { ipp: format!("ipp://{rest}"), http: format!("http://{rest}") })
    }

    /// As it stands in each request.
    #[must_use]
    pub fn ipp(&self) -> &str {
        &self.ipp
    }

    /// Where requests are posted.
    #[must_use]
    pub fn http(&self) -> &str {
        &self.http
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ipp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_of_ipp_is_taken() {
        let address = Address::parse("ipp://10.0.0.9/ipp/print").unwrap();
        assert_eq!(address.http(), "http://10.0.0.9:631/ipp/print");
        assert_eq!(address.ipp(), "ipp://10.0.0.9:631/ipp/print");
        let with_port = Address::parse("ipp://[::1]:8631/").unwrap();
        assert_eq!(with_port.http(), "http://[::1]:8631/");
        for (text, why) in [
            ("", BadAddress::Malformed),
            ("/ipp/print", BadAddress::Scheme),
            ("http://printer/ipp", BadAddress::Scheme),
            ("ipps://printer/ipp", BadAddress::Scheme),
            ("ipp://a:b@printer/ipp", BadAddress::Extra),
            ("ipp://printer/ipp?user=a", BadAddress::Extra),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
        let long = format!("ipp://printer/{}", "a".repeat(LEN_MAX));
        assert_eq!(Address::parse(&long), Err(BadAddress::TooLong));
    }
}
