//! What operators may do. Each is done in one step, or not at all, and names its operator where it is recorded.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::behaviour::name_of;
use super::call::{Answer, Call};
use super::input::Input;
use super::{Desk, Service, outcome};
use crate::audit::{AdminOutcome, Author as ChangeAuthor, CallerRecord};
use crate::clock::Ticks;
use crate::gate::{Stage, Terms};
use crate::policy::roles::{PrincipalKind, Standing};
use crate::policy::settings::Mode;
use crate::redact::{Name, Redacted};
use crate::telemetry::{self, LogLevel};
use crate::watch::{Author, Imposed, Imposition, Kind, Shown, Sort, Subject};

/// What a call gives: what came of it, and its answer.
type Done = Result<(AdminOutcome, Answer), AdminOutcome>;

/// Longest sanction with an end, in seconds: 31 days, as `lockout.max`.
const LONGEST: u64 = 31 * 86_400;
/// How long the own log says more where nothing else is said, and at most.
const LOG_FOR: Duration = Duration::from_secs(15 * 60);
const LONGEST_LOG: u64 = 86_400;
/// How long a reload is waited for.
const RELOAD: Duration = Duration::from_secs(30);
/// Longest caller's name: an id, or a pseudonym.
const MAX_CALLER: usize = 512;

/// A caller's id with its kind.
pub(super) struct CallerId {
    pub kind: PrincipalKind,
    /// `user:alice@seller.example`
    pub text: String,
}

impl CallerId {
    fn parse(text: &str) -> Option<Self> {
        let kinds = [PrincipalKind::User, PrincipalKind::Certificate, PrincipalKind::Key];
        let (prefix, subject) = text.split_once(':')?;
        let kind = kinds.into_iter().find(|kind| kind.prefix() == prefix)?;
        let sound = !subject.is_empty() && text.len() <= MAX_CALLER && !text.chars().any(char::is_control);
        sound.then(|| Self { kind, text: text.to_owned() })
    }

    /// Without the kind.
    pub(super) fn subject(&self) -> &str {
        &self.text[self.kind.prefix().len() + 1..]
    }
}

/// A caller by its id as the policy spells it, or by the pseudonym that stands in records, if it called lately or the
/// policy names it.
pub(super) fn caller_id(terms: &Terms, text: &str) -> Result<CallerId, AdminOutcome> {
    if let Some(id) = CallerId::parse(text) {
        return Ok(id);
    }
    // A pseudonym is one way only: whom it stands for is found among those who called, and whom the policy names.
    if let Some(id) = terms.identifier.recent(text) {
        return CallerId::parse(&id).ok_or(outcome::UNKNOWN_SUBJECT);
    }
    let known = terms.policy.roles.members().map(|(member, _)| member).filter_map(CallerId::parse);
    let form = terms.policy.redaction.caller;
    let mut found = known.filter(|id| terms.redactor.caller(&id.text, form).as_str() == text);
    found.next().ok_or(outcome::UNKNOWN_SUBJECT)
}

fn caller_record(terms: &Terms, id: &CallerId) -> CallerRecord {
    let roles = terms.policy.roles.of_member(&id.text).unwrap_or_default();
    let roles = roles.iter().filter_map(|role| terms.policy.roles.name(role).cloned()).collect();
    CallerRecord {
        record: terms.redactor.caller(&id.text, terms.policy.redaction.caller),
        kind: id.kind.into(),
        is_mfa: false,
        mfa_age: None,
        standing: Arc::new(Standing { roles, groups: Vec::new() }),
        credential: None,
    }
}

/// Whom or what a call is about.
struct About {
    subject: Subject,
    shown: Shown,
}

/// Takes exactly one subject out of a body. `names` says whether roles, routes and everything may be meant.
fn about(desk: &Desk, terms: &Terms, input: &mut Input, names: bool) -> Result<About, AdminOutcome> {
    let caller = input.text("caller")?;
    let address = input.text("address")?;
    let (role, route, all) = match names {
        true => (input.text("role")?, input.text("route")?, input.flag("everything")?),
        false => (None, None, false),
    };
    let itself = |subject| Ok(About { subject, shown: Shown::Itself });
    match (caller, address, role, route, all) {
        (Some(text), None, None, None, false) => by_caller(desk, terms, &text),
        (None, Some(text), None, None, false) => {
            let address: IpAddr = text.parse().map_err(|_| outcome::SUBJECT)?;
            let shown = Shown::Address(terms.redactor.address(address, terms.policy.redaction.address));
            Ok(About { subject: Subject::Address(desk.sanctions.keys().address(address)), shown })
        }
        (None, None, Some(role), None, false) => {
            let known = terms.policy.roles.names().iter().find(|name| name.as_str() == role);
            itself(Subject::Role(named(desk, known, &role)?))
        }
        (None, None, None, Some(route), false) => {
            let known =
                terms.policy.routes.routes().iter().map(|route| &route.name).find(|name| name.as_str() == route);
            itself(Subject::Route(named(desk, known, &route)?))
        }
        (None, None, None, None, true) => itself(Subject::All),
        _ => Err(outcome::SUBJECT),
    }
}

fn by_caller(desk: &Desk, terms: &Terms, text: &str) -> Result<About, AdminOutcome> {
    // Whoever is sanctioned already is known by what lists and records show of it.
    let listed = desk.sanctions.list().into_iter().find(|sanction| match &sanction.shown {
        Shown::Caller(record) => record.record.as_str() == text,
        _ => false,
    });
    if let Some(sanction) = listed.filter(|_| CallerId::parse(text).is_none()) {
        return Ok(About { subject: sanction.subject, shown: sanction.shown });
    }
    let id = caller_id(terms, text)?;
    let subject = Subject::Caller(desk.sanctions.keys().caller_named(&id.text));
    Ok(About { subject, shown: Shown::Caller(Box::new(caller_record(terms, &id))) })
}

/// A name of the policy, or of a sanction that a policy of before gave its name.
fn named(desk: &Desk, known: Option<&Name>, text: &str) -> Result<Name, AdminOutcome> {
    if let Some(name) = known {
        return Ok(name.clone());
    }
    let listed = desk.sanctions.list().into_iter().find(|sanction| name_of(sanction) == Some(text));
    match listed.map(|sanction| sanction.subject) {
        Some(Subject::Role(name) | Subject::Route(name)) => Ok(name),
        _ => Err(outcome::UNKNOWN_SUBJECT),
    }
}

impl About {
    fn tell(&self, call: &mut Call) {
        call.is_about(match (&self.shown, &self.subject) {
            (Shown::Caller(record), _) => record.record.clone(),
            (Shown::Address(address), _) => address.clone(),
            (Shown::Itself, Subject::Role(name) | Subject::Route(name)) => Redacted::from(name),
            (Shown::Itself, _) => Redacted::literal("everything"),
        });
    }
}

/// Shuts a caller or an address out, for a while or until it is unlocked.
pub(super) fn lock(desk: &Desk, terms: &Arc<Terms>, mut input: Input, call: &mut Call) -> Done {
    let about = about(desk, terms, &mut input, false)?;
    let wanted = input.seconds("for", LONGEST)?;
    input.end()?;
    impose(desk, terms, call, about, Kind::Lock, wanted)
}

/// Shuts a caller, an address, a role, a route or everything out, until it is released.
pub(super) fn quarantine(desk: &Desk, terms: &Arc<Terms>, mut input: Input, call: &mut Call) -> Done {
    let about = about(desk, terms, &mut input, true)?;
    let wanted = input.seconds("for", LONGEST)?;
    input.end()?;
    impose(desk, terms, call, about, Kind::Quarantine, wanted)
}

/// Lifts what keeps a caller or an address out for a while: lock, throttle, and the demand of a second factor.
pub(super) fn unlock(desk: &Desk, terms: &Arc<Terms>, mut input: Input, call: &mut Call) -> Done {
    let about = about(desk, terms, &mut input, false)?;
    input.end()?;
    lift(desk, terms, call, &about, &[Sort::Lock, Sort::RequireMfa, Sort::Throttle])
}

/// Lifts a quarantine.
pub(super) fn release(desk: &Desk, terms: &Arc<Terms>, mut input: Input, call: &mut Call) -> Done {
    let about = about(desk, terms, &mut input, true)?;
    input.end()?;
    lift(desk, terms, call, &about, &[Sort::Quarantine])
}

fn impose(desk: &Desk, terms: &Terms, call: &mut Call, about: About, kind: Kind, wanted: Option<Duration>) -> Done {
    about.tell(call);
    let until = wanted.map(|wanted| desk.clock.ticks().plus(wanted));
    let imposed = desk.sanctions.impose(Imposition {
        subject: about.subject,
        shown: about.shown,
        kind,
        until,
        cause: cause(call),
        mode: Mode::Enforce,
        spares_proven: false,
        author: author(call)?,
        failures: 0,
        request: Some(call.record.id),
        policy: Arc::clone(&terms.policy_record),
    });
    let outcome = match imposed {
        Imposed::New | Imposed::Longer => outcome::DONE,
        Imposed::Kept => outcome::NOTHING,
        Imposed::Full => return Err(outcome::FULL),
    };
    Ok((outcome, with_end(desk, until)))
}

fn with_end(desk: &Desk, until: Option<Ticks>) -> Answer {
    let now = desk.clock.moment();
    let mut answer = Answer::new();
    answer.insert("until".to_owned(), json!(until.map(|until| now.wall_at(until).0)));
    answer
}

fn lift(desk: &Desk, terms: &Terms, call: &mut Call, about: &About, sorts: &[Sort]) -> Done {
    about.tell(call);
    let author = author(call)?;
    let lifted: Vec<_> = sorts
        .iter()
        .filter_map(|sort| desk.sanctions.lift(&about.subject, *sort, &author, &terms.policy_record))
        .map(|sanction| sanction.kind.sort().word())
        .collect();
    let outcome = if lifted.is_empty() { outcome::NOTHING } else { outcome::DONE };
    let mut answer = Answer::new();
    answer.insert("lifted".to_owned(), json!(lifted));
    Ok((outcome, answer))
}

/// Who calls; nobody comes so far without being known.
fn author(call: &Call) -> Result<Author, AdminOutcome> {
    let record = call.record.by.clone().ok_or(outcome::OPERATOR)?;
    Ok(Author::Operator(Box::new(record)))
}

/// The reason as lists and records of the sanction show it: names have no spaces.
fn cause(call: &Call) -> Name {
    let plain = |letter: char| {
        if letter.is_ascii_graphic() && !matches!(letter, '"' | '\'' | '\\') { letter } else { '_' }
    };
    let reason = call.record.reason.as_ref().map_or("", Redacted::as_str);
    let text: String = reason.chars().map(plain).take(200).collect();
    Name::configured(&text).unwrap_or_else(|_| Name::digest(&[]))
}

/// Has the files read again.
pub(super) async fn reload(desk: &Desk, input: Input, call: &Call) -> Done {
    input.end()?;
    let who = call.record.by.as_ref().map_or(Redacted::literal("unknown"), |by| by.record.clone());
    let reload = desk.house.reload(ChangeAuthor::Operator(who));
    let Ok(reloaded) = tokio::time::timeout(RELOAD, reload).await else { return Err(outcome::PENDING) };
    let mut answer = Answer::new();
    answer.insert(
        "reload".to_owned(),
        json!({ "code": reloaded.code, "text": reloaded.text, "faults": reloaded.faults }),
    );
    let terms = desk.terms.borrow();
    let policy = json!({ "digest": terms.policy.digest.as_str(), "generation": terms.generation });
    drop(terms);
    answer.insert("policy".to_owned(), policy);
    let outcome = match reloaded.code {
        "off" => outcome::OFF,
        "moving" => outcome::BUSY,
        "unchanged" => outcome::NOTHING,
        "restart_needed" => outcome::RESTART,
        _ if reloaded.done => outcome::DONE,
        _ => outcome::REFUSED,
    };
    Ok((outcome, answer))
}

/// Takes the gate out of service; with `keep_serving` it only says that it is not ready.
pub(super) fn drain(desk: &Desk, mut input: Input) -> Done {
    let keep_serving = input.flag("keep_serving")?;
    input.end()?;
    if *desk.stage.borrow() != Stage::Serving {
        return Err(outcome::ENDING);
    }
    desk.house.drain(if keep_serving { Service::NotReady } else { Service::Stop });
    Ok((outcome::DONE, Answer::new()))
}

/// Takes back that the gate said it is not ready. A gate that ends does so.
pub(super) fn undrain(desk: &Desk, input: Input) -> Done {
    input.end()?;
    if *desk.stage.borrow() != Stage::Serving {
        return Err(outcome::ENDING);
    }
    desk.house.drain(Service::Ready);
    Ok((outcome::DONE, Answer::new()))
}

/// Has the own log say more or less for a while.
pub(super) fn log_level(_: &Desk, mut input: Input) -> Done {
    let level = input.text("level")?.and_then(|word| LogLevel::parse(&word)).ok_or(outcome::BODY)?;
    let wanted = input.seconds("for", LONGEST_LOG)?.unwrap_or(LOG_FOR);
    input.end()?;
    let before = telemetry::level();
    let turn = telemetry::lend_level(level);
    tokio::spawn(async move {
        tokio::time::sleep(wanted).await;
        telemetry::give_back_level(turn);
    });
    let mut answer = Answer::new();
    answer.insert("level".to_owned(), json!(level.word()));
    answer.insert("before".to_owned(), json!(before.word()));
    answer.insert("for_seconds".to_owned(), json!(wanted.as_secs()));
    Ok((outcome::DONE, answer))
}
