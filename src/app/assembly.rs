//! From a sound policy to what runs: every file that it names is read here, and nowhere else.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::{AppFault, traces, worker_count};
use crate::audit::{PolicyRecord, RouteRecord};
use crate::clock::Clock;
use crate::edge::TlsTerms;
use crate::gate::{CanaryRule, Meters, Terms};
use crate::identity::{AssertionSigner, Identifier, IdentityFault, Providers, pseudonym_keys};
use crate::limits::Limits;
use crate::limits::shared::Pool;
use crate::policy::Policy;
use crate::policy::route::Route;
use crate::policy::settings::{AdminSettings, Mode, RedactionSettings};
use crate::redact::Redactor;
use crate::shared;
use crate::telemetry::log;
use crate::telemetry::spans::Tracing;
use crate::upstream::Connector;
use crate::watch::canary::CanaryFile;
use crate::watch::{Brief, Lens};

/// All that a policy gives to the gate and to the edge.
#[derive(Clone)]
pub(super) struct Assembled {
    pub terms: Arc<Terms>,
    pub tls: Arc<TlsTerms>,
    /// Of the operators' own listener, where it speaks TLS.
    pub operators: Option<Arc<TlsTerms>>,
}

/// Reads what `policy` names. Nothing is put in force. Of `old`, what the change leaves as it is stays: connections to the
/// app, spent limits, and, where it says that the certificates' files are the same, sessions that can be resumed.
/// `providers` are those of the whole process: key sets that are there already are used.
pub(super) fn assemble(
    policy: Arc<Policy>,
    old: Option<(&Assembled, bool)>,
    provider: &Arc<CryptoProvider>,
    providers: &Providers,
    clock: &Clock,
) -> Result<Assembled, AppFault> {
    super::deliver::judge(&policy, provider, clock)?;
    let redactor = Arc::new(redactor(&policy.redaction, clock)?);
    let identifier = Identifier::for_policy(&policy, Arc::clone(&redactor), providers)?;
    let signer = policy.gate.assertion.as_ref().map(AssertionSigner::load).transpose()?;
    let same = old.filter(|(_, same_files)| *same_files).map(|(old, _)| old);
    let connector = match same {
        Some(old) if old.terms.policy.upstream == policy.upstream => old.terms.connector.clone(),
        _ => Connector::load(&policy.upstream, provider)?,
    };
    let tls = match same {
        Some(old) if old.terms.policy.gate.tls == policy.gate.tls => Arc::clone(&old.tls),
        _ => Arc::new(TlsTerms::load(&policy.gate.tls, provider)?),
    };
    let operators = operators(&policy, same, provider)?;
    let limits = match old {
        Some((old, _)) => old.terms.limits.renewed(&policy),
        None => match &policy.shared {
            Some(settings) => {
                let pool = Arc::new(Pool::new(u64::from(settings.replicas)));
                Limits::sharing(&policy, Some((pool, &shared::key(settings)?)))
            }
            None => Limits::new(&policy),
        },
    };
    let meters = policy.metrics.as_ref().map(|_| {
        let known = old.and_then(|(old, _)| old.terms.meters.as_ref());
        Arc::new(known.map_or_else(|| Meters::new(&policy, worker_count(&policy)), |known| known.renewed(&policy)))
    });
    let exporter = old.and_then(|(old, _)| old.terms.tracing.as_ref()).map(Tracing::exporter);
    let tracing = traces::tracing(&policy, exporter, provider)?;
    let canaries = canaries(&policy)?;
    let record = PolicyRecord { digest: policy.digest.clone(), enforced: policy.mode == Mode::Enforce };
    let record = Arc::new(record);
    let route_records: Vec<_> =
        policy.routes.routes().iter().map(|route| Arc::new(route_record(&policy, route))).collect();
    let lens = Arc::new(Lens::new(&policy, &redactor));
    let (of_lens, of_redactor) = (Arc::clone(&lens), Arc::clone(&redactor));
    let brief = Brief::new(&policy, of_lens, Arc::clone(&record), route_records.clone(), of_redactor);
    let terms = Terms {
        generation: old.map_or(1, |(old, _)| old.terms.generation + 1),
        route_records,
        lens,
        brief: Arc::new(brief),
        limits: Arc::new(limits),
        policy,
        policy_record: record,
        identifier: Arc::new(identifier),
        signer,
        redactor,
        canaries,
        connector,
        meters,
        tracing,
    };
    Ok(Assembled { terms: Arc::new(terms), tls, operators })
}

/// The terms of the operators' handshake, if `admin:` is about TLS.
fn operators(
    policy: &Policy,
    same: Option<&Assembled>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<TlsTerms>>, AppFault> {
    let tls = |policy: &Policy| policy.admin.as_ref().and_then(AdminSettings::tls).cloned();
    let Some(wanted) = tls(policy) else { return Ok(None) };
    match same {
        Some(old) if tls(&old.terms.policy).as_ref() == Some(&wanted) => Ok(old.operators.clone()),
        _ => Ok(Some(Arc::new(TlsTerms::for_operators(&wanted, provider)?))),
    }
}

/// What makes pseudonyms, and lets stand what the policy says, as of now.
pub(crate) fn redactor(settings: &RedactionSettings, clock: &Clock) -> Result<Redactor, IdentityFault> {
    let redactor = match &settings.key {
        Some(path) => Redactor::rotating(pseudonym_keys::load(path)?, clock.wall().seconds()),
        None => Redactor::hiding(),
    };
    Ok(redactor.keeping(settings.keep.clone()))
}

/// Reads the files of planted records.
fn canaries(policy: &Policy) -> Result<Vec<CanaryRule>, AppFault> {
    let files = policy.alarms.iter().filter_map(|rule| Some((rule, rule.when.canary()?)));
    let read = files.map(|(rule, path)| {
        let set = CanaryFile::load(path)?;
        if set.is_empty() {
            log::warn!("a rule of canaries has none to look for", rule = &rule.name);
        }
        if set.old() > 0 {
            log::warn!(
                "entries of a file of canaries stem from an older version and make every answer dearer; take them out and add their values anew",
                rule = &rule.name,
                entries = set.old()
            );
        }
        Ok(CanaryRule { rule: Arc::clone(rule), set: Arc::new(set) })
    });
    read.collect()
}

fn route_record(policy: &Policy, route: &Route) -> RouteRecord {
    RouteRecord {
        name: route.name.clone(),
        template: route.template.clone(),
        pii: route.pii.clone(),
        controls: route.controls.clone(),
        commit: route.commit(&policy.audit),
    }
}
