//! Changes of what the gate runs on: Entity Management (3004).

use super::{CRITICAL, INFORMATIONAL, MEDIUM, PLAIN, Scribe, actor, category, unmapped};
use crate::audit::event::{CallerRecord, Change, KillSwitch, Lookup, Subject};
use crate::audit::guard::Known;
use crate::audit::id::RequestId;
use crate::audit::json::Json;
use crate::audit::proof::VerifierKey;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// Entity Management, Read.
const READ: u8 = 2;
/// Entity Management, Update.
const UPDATE: u8 = 3;
/// Entity Management, Enable.
const ENABLE: u8 = 8;
/// Entity Management, Disable.
const DISABLE: u8 = 9;

impl Scribe {
    pub(super) fn change(&self, change: &Change, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let (event_code, type_id, kind) = match change.subject {
            Subject::Policy => ("CONFIG.POLICY", 5u8, "Policy"),
            Subject::Certificate => ("CONFIG.CERT", 99u8, "Certificate"),
            Subject::Keys => ("CONFIG.KEYS", 99u8, "Keys"),
        };
        let entity = |json: &mut Json<'_>, digest| {
            json.object(|json| {
                json.key("type").word(kind);
                json.key("type_id").number(type_id);
                json.key("uid").name(digest);
            });
        };
        let id = change.id.text();
        let accepted = change.after.is_some();
        json.object(|json| {
            json.key("activity_id").number(UPDATE);
            self.operator(json, None);
            category(json, 3, 3004);
            json.key("entity");
            entity(json, &change.before);
            if let Some(after) = &change.after {
                json.key("entity_result");
                entity(json, after);
            }
            self.metadata(json, &Self::head(id, id, event_code, logged, PLAIN), None);
            json.key("severity_id").number(if accepted { INFORMATIONAL } else { MEDIUM });
            json.key("status_code").word(if accepted { "changed" } else { "change_refused" });
            json.key("status_detail").phrase(change.text);
            json.key("status_id").number(if accepted { 1u8 } else { 2 });
            json.key("time").number(change.at.0);
            json.key("type_uid").number(300_400 + u64::from(UPDATE));
            unmapped(json, |json| {
                json.key("author").redacted(&change.author.shown());
                differences(json, change);
                self.prev(json);
            });
        });
        Known::Nothing
    }

    /// Entity Management, Read.
    pub(super) fn lookup(&self, lookup: &Lookup, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let id = lookup.id.text();
        json.object(|json| {
            json.key("activity_id").number(READ);
            json.key("actor").object(|json| {
                json.key("user").object(|json| {
                    if let Some(name) = &lookup.user {
                        json.key("name").name(name);
                    }
                    json.key("uid").decimal(lookup.uid);
                    if let Some(uid) = lookup.login_uid {
                        json.key("uid_alt").decimal(uid);
                    }
                });
            });
            category(json, 3, 3004);
            json.key("comment").redacted(&lookup.reason);
            json.key("entity").object(|json| {
                json.key("name").word(lookup.kind);
                json.key("type").word("Pseudonym");
                json.key("type_id").number(99u8);
                json.key("uid").redacted(&lookup.token);
            });
            self.metadata(json, &Self::head(id, id, "REDACT.LOOKUP", logged, PLAIN), None);
            json.key("severity_id").number(MEDIUM);
            json.key("status_code").word("looked_up");
            json.key("status_detail").phrase("somebody asked which pseudonyms stand for a datum");
            json.key("status_id").number(1u8);
            json.key("time").number(lookup.at.0);
            json.key("type_uid").number(300_400 + u64::from(READ));
            unmapped(json, |json| self.prev(json));
        });
        Known::Nothing
    }

    pub(super) fn kill_switch(&self, switch: &KillSwitch, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let id = switch.id.text();
        let (activity, code, text) = if switch.engaged {
            (ENABLE, "shut", "shut by hand: nothing passes until it is opened again")
        } else {
            (DISABLE, "opened", "opened again by hand")
        };
        let mut known = Known::Nothing;
        json.object(|json| {
            json.key("activity_id").number(activity);
            known = self.operator(json, switch.by.as_ref());
            category(json, 3, 3004);
            if let Some(reason) = &switch.reason {
                json.key("comment").name(reason);
            }
            json.key("entity").object(|json| {
                json.key("type").word("Kill switch");
                json.key("type_id").number(99u8);
                match &switch.name {
                    Some(name) => json.key("uid").name(name),
                    None => json.key("uid").word(switch.scope.word()),
                }
            });
            self.metadata(json, &Self::head(id, id, "CONFIG.KILLSWITCH", logged, PLAIN), None);
            json.key("severity_id").number(CRITICAL);
            json.key("status_code").word(code);
            json.key("status_detail").phrase(text);
            json.key("status_id").number(1u8);
            json.key("time").number(switch.at.0);
            json.key("type_uid").number(300_400 + u64::from(activity));
            unmapped(json, |json| {
                self.prev(json);
                json.key("scope").word(switch.scope.word());
            });
        });
        known
    }

    /// The key that signs checkpoints was changed.
    pub(super) fn key(
        &self,
        before: Option<&VerifierKey>,
        after: &VerifierKey,
        id: RequestId,
        now: UnixMillis,
        json: &mut Json<'_>,
    ) {
        json.object(|json| {
            json.key("activity_id").number(UPDATE);
            self.operator(json, None);
            category(json, 3, 3004);
            json.key("entity");
            signing_key(json, before.unwrap_or(after));
            json.key("entity_result");
            signing_key(json, after);
            self.metadata(json, &Self::head(id.text(), self.correlation(), "CONFIG.KEY", now, PLAIN), None);
            json.key("severity_id").number(MEDIUM);
            json.key("status_code").word(if before.is_some() { "key_changed" } else { "key_begins" });
            json.key("status_detail").phrase("checkpoints are signed with this key from now on");
            json.key("status_id").number(1u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(300_400 + u64::from(UPDATE));
            unmapped(json, |json| self.prev(json));
        });
    }

    /// `actor`: who did it, or this gate.
    pub(super) fn operator(&self, json: &mut Json<'_>, by: Option<&CallerRecord>) -> Known {
        json.key("actor");
        if let Some(caller) = by {
            return actor(json, caller);
        }
        json.object(|json| json.key("app_name").own(self.producer.instance.as_str()));
        Known::Nothing
    }
}

/// The first sentences; how many more there are is counted.
fn differences(json: &mut Json<'_>, change: &Change) {
    let mut bytes = 0;
    let fits = |sentence: &&Redacted| {
        bytes += sentence.as_str().len();
        bytes <= Change::MOST_BYTES
    };
    let shown = change.changes.iter().take(Change::MOST_LINES).take_while(fits).count();
    json.key("changes").array(&change.changes[..shown], |json, sentence| json.redacted(sentence));
    json.key("generation").number(change.generation);
    if change.changes.len() > shown {
        json.key("hidden_changes").number((change.changes.len() - shown) as u64);
    }
}

/// In hexadecimal digits: base64 could look like a credential.
fn signing_key(json: &mut Json<'_>, key: &VerifierKey) {
    json.object(|json| {
        json.key("data").object(|json| json.key("ed25519").hash(crate::audit::proof::Hash(*key.public())));
        json.key("name").own(key.name());
        json.key("type").word("Signing key");
        json.key("type_id").number(99u8);
        json.key("uid").own(&key.id_text());
    });
}
