//! `reload:`

use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{LastGoodSettings, ReloadSettings, RollbackSettings};
use crate::policy::shape;
use crate::policy::yaml::{Node, Value};

/// More often would read certificates from disk all day long.
const SHORTEST_POLL: Duration = Duration::from_millis(100);
/// A revoked key is to be noticed within an hour, even on a mount that tells nothing.
const LONGEST_POLL: Duration = Duration::from_secs(3600);
/// Shares over less time are chance.
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
/// A change that was good for a day has proved itself.
const LONGEST_WINDOW: Duration = Duration::from_secs(86_400);
/// Points by which refusals may rise where nothing else is said.
const REFUSALS: u8 = 20;
/// Points by which errors may rise where nothing else is said.
const ERRORS: u8 = 5;
/// Fewer requests than these say nothing about a change.
const LEAST: u64 = 100;

/// Decodes the section.
pub(super) fn reload(d: &mut Decoder<'_>, node: &Node) -> ReloadSettings {
    let mut settings = ReloadSettings::default();
    let Some(fields) = d.fields(node, &shape::RELOAD) else { return settings };
    if let Some(node) = fields.get("poll") {
        settings.poll = d.duration(node, "reload.poll", SHORTEST_POLL, LONGEST_POLL).unwrap_or(settings.poll);
    }
    settings.last_good = fields.get("last_good").and_then(|node| last_good(d, node));
    d.last_good.clone_from(&settings.last_good);
    settings.rollback = fields.get("rollback").and_then(|node| rollback(d, node));
    settings
}

fn last_good(d: &mut Decoder<'_>, node: &Node) -> Option<LastGoodSettings> {
    let fields = d.fields(node, &shape::LAST_GOOD)?;
    let path = d.required(&fields, "path").and_then(|node| d.path(node, "reload.last_good.path"));
    let make = "`portcullis keys new last-good certs/last-good.key` makes one";
    let key = d.required(&fields, "key").and_then(|node| d.existing(node, "reload.last_good.key", make));
    let words = &[("true", true), ("false", false)];
    let start = fields.get("start").and_then(|node| d.word(node, "reload.last_good.start", words));
    Some(LastGoodSettings { path: path?, key: key?, start: start.unwrap_or(false) })
}

fn rollback(d: &mut Decoder<'_>, node: &Node) -> Option<RollbackSettings> {
    let fields = d.fields(node, &shape::ROLLBACK)?;
    let window = d
        .required(&fields, "window")
        .and_then(|node| d.duration(node, "reload.rollback.window", SHORTEST_WINDOW, LONGEST_WINDOW));
    let refusals = d.points(&fields, "refusals", REFUSALS);
    let errors = d.points(&fields, "errors", ERRORS);
    let least = fields.get("least").and_then(|node| d.number(node, "reload.rollback.least", 1, 1_000_000));
    Some(RollbackSettings { window: window?, refusals, errors, least: least.unwrap_or(LEAST) })
}

impl Decoder<'_> {
    /// A share in hundredths: `20%`.
    fn points(&mut self, fields: &Fields<'_>, key: &'static str, default: u8) -> u8 {
        let Some(node) = fields.get(key) else { return default };
        let points = match &node.value {
            Value::Scalar(text) => units::percent(text),
            _ => None,
        };
        points.unwrap_or_else(|| {
            let message = format!("reload.rollback.{key} is a share from 0% to 100%");
            self.fault(Fault::new(Code::Number, node.span, message).label("not a share").help("points: `20%`"));
            default
        })
    }
}
