//! `audit.sinks[].syslog`

use std::path::PathBuf;
use std::time::Duration;

use super::super::CertificateFiles;
use crate::policy::http_address::HttpPlace;

/// A syslog receiver, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogSettings {
    /// `address`: over TLS, or on loopback. Never a Unix socket.
    pub place: HttpPlace,
    /// `ca`: authorities that sign its certificate; the system's without it.
    pub ca: Option<PathBuf>,
    /// `certificate` and `key`: the gate's own.
    pub client: Option<CertificateFiles>,
    /// `timeout` of the connection and of each batch.
    pub timeout: Duration,
    /// `server_name`: the name in the receiver's certificate, where it is not the address's.
    pub server_name: Option<String>,
    /// `facility`
    pub facility: SyslogFacility,
    /// `format`
    pub format: SyslogFormat,
    /// `enterprise`: the private enterprise number in the name of the structured data.
    pub enterprise: u32,
    /// `rewind`
    pub rewind: RewindSettings,
}

impl SyslogSettings {
    /// The enterprise number for examples (RFC 5612): there is none of our own.
    pub const ENTERPRISE: u32 = 32_473;

    /// A receiver with everything else as a policy without the keys has it.
    pub fn to(place: HttpPlace) -> Self {
        Self {
            place,
            ca: None,
            client: None,
            timeout: Duration::from_secs(30),
            server_name: None,
            facility: SyslogFacility::default(),
            format: SyslogFormat::default(),
            enterprise: Self::ENTERPRISE,
            rewind: RewindSettings::default(),
        }
    }
}

/// What is sent again after a connection broke: nobody acknowledges syslog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewindSettings {
    /// `records`: at least so many that were sent last.
    pub records: u64,
    /// `time`: and all that were sent in this time before.
    pub time: Duration,
}

impl RewindSettings {
    /// Most records that are sent again: a minute of a busy gate.
    pub const MOST_RECORDS: u64 = 100_000;
}

impl Default for RewindSettings {
    fn default() -> Self {
        Self { records: 2_000, time: Duration::from_secs(2) }
    }
}

/// RFC 5424, section 6.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyslogFacility {
    /// 13, log audit.
    #[default]
    Audit,
    /// 10, security and authorization.
    Authpriv,
    /// 16 to 23, local use 0 to 7.
    Local(u8),
}

impl SyslogFacility {
    /// The facility's number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Audit => 13,
            Self::Authpriv => 10,
            Self::Local(number) => 16 + number % 8,
        }
    }
}

/// What a message holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyslogFormat {
    /// The record itself, JSON: the copy can be verified.
    #[default]
    Ocsf,
    /// CEF 0: less of it, for SIEMs that know no JSON.
    Cef,
}
