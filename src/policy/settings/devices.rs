//! `devices:`

use std::path::PathBuf;

use super::CertificateSubject;

/// `devices:` whose certificates are those of devices (ID-8).
#[derive(Clone, Debug)]
pub struct DeviceSettings {
    /// Which name of a certificate is the device's.
    pub subject: CertificateSubject,
    /// Names that devices have.
    pub names: Vec<NamePattern>,
    /// Authorities that sign for devices alone: all that they sign is a device's, and nothing else is.
    pub issuer: Option<PathBuf>,
    /// Who may call from which.
    pub bound: Vec<DeviceBinding>,
}

/// Devices, and the members that may call from them.
#[derive(Clone, Debug)]
pub struct DeviceBinding {
    /// The devices.
    pub device: NamePattern,
    /// `user:…`, `group:…` or `key:…`.
    pub callers: Vec<Box<str>>,
}

/// A name, or all names of one more segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// This one.
    Exact(Box<str>),
    /// What begins so and goes on without a slash.
    Begin(Box<str>),
}

impl NamePattern {
    /// Whether a name fits.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => **exact == *name,
            Self::Begin(begin) => {
                name.strip_prefix(&**begin).is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_one_segment_more_and_no_less() {
        let begin = NamePattern::Begin("spiffe://seller/device/".into());
        assert!(begin.matches("spiffe://seller/device/1"));
        for other in ["spiffe://seller/device/", "spiffe://seller/device", "spiffe://seller/device/1/2", "x"] {
            assert!(!begin.matches(other), "{other}");
        }
        assert!(NamePattern::Exact("a".into()).matches("a") && !NamePattern::Exact("a".into()).matches("ab"));
    }
}
