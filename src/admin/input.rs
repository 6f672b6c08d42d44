//! The body of a call: bounded, JSON, and no member that nobody knows.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};

use super::outcome;
use crate::audit::AdminOutcome;
use crate::redact::engine::{Engine, Options};
use crate::redact::{self, ReasonFault, Redacted, Redactor};
use std::sync::Arc;

/// Longest body: a name, a reason and some words.
const MAX_BODY: usize = 16 * 1024;
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The members of a body, taken out one by one.
#[derive(Default)]
pub(super) struct Input(Map<String, Value>);

impl Input {
    /// Reads a body.
    pub(super) async fn read<B>(headers: &HeaderMap, body: B) -> Result<Self, AdminOutcome>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
        if !is_json {
            return Err(outcome::MEDIA);
        }
        let whole = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect());
        let bytes = match whole.await {
            Err(_) => return Err(outcome::SLOW),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(outcome::TOO_LARGE),
            Ok(Err(_)) => return Err(outcome::BODY),
            Ok(Ok(whole)) => whole.to_bytes(),
        };
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(outcome::BODY),
        }
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, AdminOutcome> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(outcome::BODY),
        }
    }

    /// Yes or no; no where it is not there.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, AdminOutcome> {
        match self.0.remove(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(outcome::BODY),
        }
    }

    /// Seconds, within bounds.
    pub(super) fn seconds(&mut self, name: &str, most: u64) -> Result<Option<Duration>, AdminOutcome> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => {
                let seconds = value.as_u64().filter(|seconds| (1..=most).contains(seconds)).ok_or(outcome::BODY)?;
                Ok(Some(Duration::from_secs(seconds)))
            }
        }
    }

    /// The reason, as records may hold it; `None` if there is none.
    pub(super) fn reason(&mut self, redactor: &Arc<Redactor>) -> Result<Option<Redacted>, AdminOutcome> {
        let Some(text) = self.text("reason")? else { return Ok(None) };
        // Built for each call: there are few, and the redactor may be another one after a change.
        let engine = Engine::new(Arc::clone(redactor), Options::default());
        match redact::reason(&engine, &text) {
            Ok(reason) => Ok(Some(reason)),
            Err(ReasonFault::Empty | ReasonFault::TooLong | ReasonFault::Control) => Err(outcome::REASON),
        }
    }

    /// Refuses members that nobody took: whoever wrote them relies on them.
    pub(super) fn end(self) -> Result<(), AdminOutcome> {
        if self.0.is_empty() { Ok(()) } else { Err(outcome::BODY) }
    }
}
