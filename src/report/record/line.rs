//! A record's line as it is read: the members that somebody asks for, and no others.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A line, as far as it is read.
#[derive(Deserialize)]
pub(in crate::report) struct Line<'a> {
    #[serde(default)]
    pub(super) class_uid: u32,
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(default)]
    pub(super) time: u64,
    pub(super) activity_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) actor: Option<Actor<'a>>,
    #[serde(borrow)]
    pub(super) firewall_rule: Option<Rule<'a>>,
    #[serde(borrow)]
    pub(super) http_request: Option<Asked<'a>>,
    #[serde(borrow)]
    pub(super) src_endpoint: Option<Endpoint<'a>>,
    #[serde(borrow)]
    pub(super) status_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) policy: Option<InForce<'a>>,
    #[serde(borrow)]
    pub(super) unmapped: Option<Unmapped<'a>>,
    pub(super) end_time: Option<u64>,
    pub(super) http_response: Option<Answered>,
    pub(super) traffic: Option<Traffic>,
    #[serde(borrow, default)]
    pub(super) authorizations: Vec<Authorization<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Answered {
    #[serde(default)]
    pub(super) code: u16,
}

#[derive(Deserialize)]
pub(super) struct Traffic {
    #[serde(default)]
    pub(super) bytes_out: u64,
}

#[derive(Deserialize)]
pub(super) struct Authorization<'a> {
    #[serde(borrow)]
    pub(super) policy: Option<Granted<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Granted<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Metadata<'a> {
    #[serde(borrow, default)]
    pub(super) correlation_uid: Text<'a>,
    #[serde(borrow, default)]
    pub(super) event_code: Text<'a>,
    #[serde(borrow, default)]
    pub(super) log_provider: Text<'a>,
    #[serde(borrow, default)]
    pub(super) uid: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Actor<'a> {
    pub(super) session: Option<Session>,
    #[serde(borrow)]
    pub(super) user: Option<User<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Session {
    #[serde(default)]
    pub(super) is_mfa: bool,
}

#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, default)]
    pub(super) uid: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Rule<'a> {
    #[serde(borrow, default)]
    pub(super) category: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Asked<'a> {
    #[serde(borrow)]
    pub(super) http_method: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Option<Url<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Url<'a> {
    #[serde(borrow)]
    pub(super) path: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Endpoint<'a> {
    #[serde(borrow)]
    pub(super) ip: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) uid: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct InForce<'a> {
    #[serde(borrow, default)]
    pub(super) uid: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Unmapped<'a> {
    #[serde(borrow)]
    pub(super) portcullis: Option<Ours<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Ours<'a> {
    #[serde(borrow)]
    pub(super) caller: Option<Standing<'a>>,
    #[serde(borrow)]
    pub(super) issuer: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) limit: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) shadow: Option<Shadow<'a>>,
    #[serde(borrow)]
    pub(super) credential: Option<Shown<'a>>,
    #[serde(borrow)]
    pub(super) stage: Option<Text<'a>>,
    #[serde(default)]
    pub(super) records: u64,
    #[serde(borrow, default)]
    pub(super) watched: Vec<Seen<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Shown<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Seen<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) value: Text<'a>,
    #[serde(borrow)]
    pub(super) next: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Standing<'a> {
    #[serde(borrow, default)]
    pub(super) groups: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) roles: Vec<Text<'a>>,
    pub(super) mfa_age_seconds: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Shadow<'a> {
    #[serde(borrow, default)]
    pub(super) status_code: Text<'a>,
    #[serde(borrow, default)]
    pub(super) category: Text<'a>,
}

/// Text that is borrowed from its line where nothing in it is escaped.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}
