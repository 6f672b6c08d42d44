//! Addresses of HTTP services that the gate itself calls: key sets, introspection. Plaintext stays on the machine.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::load::Url;

/// Longest address: what servers take for a request line.
const MAX_BYTES: usize = 2048;

/// Where a service is, and the target of a request to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// Where it is.
    pub place: HttpPlace,
    /// Path and query, beginning with a slash.
    pub target: String,
}

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpPlace {
    /// `https://`
    Tls(Origin),
    /// `http://` on loopback.
    Loopback(SocketAddr),
    /// `unix:/path/of/socket:/target`
    Unix(PathBuf),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Name or address, in lower case, an IPv6 address without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Why a text is no address that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpAddressFault {
    /// It is none at all, or has a user name or fragment in it.
    Form,
    /// It would leave the machine unencrypted.
    Plaintext,
}

impl HttpAddress {
    /// `https://host[:port]/target`, `http://127.0.0.1:port/target` or `unix:/socket:/target`.
    pub fn parse(text: &str) -> Result<Self, HttpAddressFault> {
        if text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(HttpAddressFault::Form);
        }
        if let Some(rest) = text.strip_prefix("unix:") {
            let (socket, target) = rest.split_once(':').ok_or(HttpAddressFault::Form)?;
            if !socket.starts_with('/') || !target.starts_with('/') {
                return Err(HttpAddressFault::Form);
            }
            return Ok(Self { place: HttpPlace::Unix(socket.into()), target: target.to_owned() });
        }
        let url = Url::parse(text).ok_or(HttpAddressFault::Form)?;
        let target = match url.path {
            "" => "/".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_owned(),
        };
        if target.parse::<http::uri::PathAndQuery>().is_err() {
            return Err(HttpAddressFault::Form);
        }
        let place = match url.scheme {
            "https" => HttpPlace::Tls(Origin { host: url.host.to_ascii_lowercase(), port: url.port.unwrap_or(443) }),
            "http" => {
                let address = url.loopback().ok_or(HttpAddressFault::Plaintext)?;
                HttpPlace::Loopback(SocketAddr::new(address, url.port.unwrap_or(80)))
            }
            _ => return Err(HttpAddressFault::Form),
        };
        Ok(Self { place, target })
    }

    /// The same service, another target.
    #[must_use]
    pub fn with_target(&self, target: String) -> Self {
        Self { place: self.place.clone(), target }
    }

    /// The host and port; a Unix socket has none.
    pub fn origin(&self) -> Option<Origin> {
        match &self.place {
            HttpPlace::Tls(origin) => Some(origin.clone()),
            HttpPlace::Loopback(address) => Some(Origin { host: address.ip().to_string(), port: address.port() }),
            HttpPlace::Unix(_) => None,
        }
    }
}

impl Origin {
    /// `host` or `host:port`, as the policy lists them; 443 is the port of those without.
    pub fn parse(text: &str) -> Option<Self> {
        let url = format!("https://{text}");
        let url = Url::parse(&url).filter(|url| url.path.is_empty())?;
        Some(Self { host: url.host.to_ascii_lowercase(), port: url.port.unwrap_or(443) })
    }
}

/// As in a `Host` field: brackets around IPv6, no port where it is 443.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if self.port == 443 { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_or_stays_on_the_machine() {
        let parse = |text: &str| HttpAddress::parse(text).map(|address| (address.origin(), address.target));
        let origin = |host: &str, port| Some(Origin { host: host.to_owned(), port });
        assert_eq!(parse("https://IdP.example/keys?x=1"), Ok((origin("idp.example", 443), "/keys?x=1".to_owned())));
        assert_eq!(parse("https://[2001:db8::1]:8443"), Ok((origin("2001:db8::1", 8443), "/".to_owned())));
        assert_eq!(parse("https://idp.example?x"), Ok((origin("idp.example", 443), "/?x".to_owned())));
        assert_eq!(parse("http://localhost:3000/a"), Ok((origin("127.0.0.1", 3000), "/a".to_owned())));
        assert_eq!(parse("unix:/run/idp.sock:/keys"), Ok((None, "/keys".to_owned())));
        for plain in ["http://idp.example/", "http://10.0.0.1/keys", "http://127.0.0.1.example/"] {
            assert_eq!(parse(plain), Err(HttpAddressFault::Plaintext), "{plain}");
        }
        for bad in [
            "",
            "idp.example",
            "ftp://idp.example/",
            "https://user:word@idp.example/",
            "https://idp.example/#top",
            "https://idp.example/a b",
            "https://idp.example/\r\nX: y",
            "https://",
            "unix:run/idp.sock:/",
            "unix:/run/idp.sock",
        ] {
            assert_eq!(parse(bad), Err(HttpAddressFault::Form), "{bad}");
        }
    }

    #[test]
    fn an_origin_reads_as_it_is_shown() {
        for text in ["idp.example", "idp.example:8443", "[2001:db8::1]:8443"] {
            assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), Some(text));
        }
        for bad in ["", "idp.example/x", "https://idp.example", "a:b", "a:0"] {
            assert_eq!(Origin::parse(bad), None, "{bad}");
        }
    }
}
