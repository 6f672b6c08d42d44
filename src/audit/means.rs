//! What a trail is opened with: the spool and what is left in it, the signer, the first records.

use std::sync::Arc;

use super::keys::Keys;
use super::notary::Notary;
use super::ocsf::{Gap, Own, Recovered, Scribe};
use super::pending::Pending;
use super::proof::{CheckpointSigner, Origin};
use super::spool::disk::RealDisk;
use super::spool::{Keeper, Limits, Spool, SpoolFault, WrappingKey};
use super::trail::{AuditFault, Bounds, Producer};
use super::undelivered::Undelivered;
use super::vault::Vault;
use super::writer::Means;
use crate::clock::Clock;
use crate::policy::settings::{SinkSettings, SpoolSettings, TrailSettings};
use crate::telemetry::log;

/// What the writer writes through, its first records, and the decisions of whose requests nothing more is known.
pub(super) fn means(
    trail: &TrailSettings,
    clock: &Clock,
    mut producer: Producer,
    bounds: Bounds,
) -> Result<(Means, Vec<Own<'static>>, Pending), AuditFault> {
    let notary = |origin: Origin| -> Result<Option<Notary>, AuditFault> {
        let Some(key) = &trail.signing_key else { return Ok(None) };
        let signer = CheckpointSigner::load(key, origin)?;
        let notary = Notary::new(signer, trail.anchor.as_deref(), clock.ticks());
        let anchor = trail.anchor.clone().unwrap_or_default();
        notary.map(Some).map_err(|fault| AuditFault::Anchor { path: anchor, fault })
    };
    let Some(settings) = &trail.spool else {
        let notary = notary(Origin::new(&producer.instance, producer.epoch))?;
        let scribe = Scribe::new(producer);
        let means = Means { scribe, vault: None, notary, undelivered: Undelivered::Nothing, keys: None };
        return Ok((means, vec![Own::Start(Recovered::NEW)], Pending::default()));
    };
    let key = WrappingKey::load(&settings.key)?;
    let disk = Arc::new(RealDisk);
    let (spool, recovered) =
        Spool::open(disk, &settings.path, &producer.instance, key, Limits::default(), clock.wall())?;
    let directory = spool.directory().to_owned();
    let vault = vault(spool, settings, bounds)?;
    producer.epoch = recovered.epoch;
    // A trail that begins on an empty volume did not end out of order; that what was before is not known, it says.
    let notary = notary(Origin::new(&producer.instance, producer.epoch))?;
    let mut first = vec![Own::Start(Recovered { bytes_cut: recovered.cut, clean: recovered.clean || recovered.fresh })];
    if recovered.anew {
        first.push(Own::Unknown);
    }
    if recovered.skipped > 0 {
        let now = clock.wall();
        let cause = "records of the spool can no longer be read";
        first.push(Own::Gap(Gap { count: recovered.skipped, first: now, last: now, cause }));
    }
    if recovered.closed > 0 {
        log::warn!(
            "the last run did not stop in order; its segments were closed",
            segments = recovered.closed,
            bytes_cut = recovered.cut,
            records = recovered.chain.size(),
        );
    }
    // Until sinks on the network have said how far they are, nothing is removed.
    let has_network = trail.sinks.iter().any(|sink| matches!(sink, SinkSettings::Network(_)));
    let undelivered = if has_network { Undelivered::Unknown } else { Undelivered::Nothing };
    let signer = notary.as_ref().map(|notary| notary.signer().public().clone());
    let keys = signer.map(|signer| Keys::look(&directory, signer, recovered.chain.size() > 0));
    let scribe = Scribe::resume(producer, recovered.chain);
    let means = Means { scribe, vault: Some(vault), notary, undelivered, keys };
    Ok((means, first, recovered.pending))
}

fn vault(spool: Spool, settings: &SpoolSettings, bounds: Bounds) -> Result<Vault, AuditFault> {
    let fault = |fault| SpoolFault::Disk { path: settings.path.clone(), fault };
    let keeper = Keeper::new(&spool, settings.max, settings.retention).map_err(fault)?;
    Ok(Vault::new(spool, keeper, settings.path.clone(), bounds.backlog_bytes))
}
