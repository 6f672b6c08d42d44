//! What a scrape gathers: each room's numbers, from where the room keeps them.

mod behaviour;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::watch;

use behaviour::BehaviourSource;

use super::App;
use super::reload::{Reloader, expiry};
use crate::audit::Trail;
use crate::delivery::{Board, Deliveries, State};
use crate::deploy::sandbox::Enforced;
use crate::deploy::side_door::Seen;
use crate::edge::Edge;
use crate::gate::{Tally, Terms};
use crate::identity::Providers;
use crate::policy::Policy;
use crate::policy::settings::Mode;
use crate::redact::Name;
use crate::telemetry::metrics::{self as families, MOST_FILES, MOST_SINKS, Sheet, Source};

/// The policy's key of a certificate file, its place among the files of that key, and when it ends in Unix seconds.
type CertificateEnd = (Name, Name, u64);

/// A gate's own numbers.
struct GateSource {
    terms: watch::Receiver<Arc<Terms>>,
    trail: Trail,
    edge: Arc<Edge>,
    tallies: Arc<[Arc<Tally>]>,
    reloader: Reloader,
    providers: Providers,
    sinks: Option<Arc<Board>>,
    sandbox: Enforced,
    doors: Arc<Seen>,
    /// When the gate was put together, in Unix seconds.
    since: u64,
    /// When certificates end, as of a generation: their files are read once for each.
    certificates: Mutex<(u64, Vec<CertificateEnd>)>,
}

impl App {
    /// Everything that has numbers to tell. Rooms that count for themselves are added here.
    pub(super) fn sources(&self) -> Vec<Arc<dyn Source>> {
        let gate = GateSource {
            terms: self.shared.terms.clone(),
            trail: self.shared.trail.clone(),
            edge: Arc::clone(&self.edge),
            tallies: Arc::clone(&self.tallies),
            reloader: self.reloader.clone(),
            providers: self.providers.clone(),
            sinks: self.deliveries.as_ref().map(Deliveries::board),
            sandbox: self.hosting.enforced,
            doors: Arc::clone(&self.hosting.doors),
            since: self.shared.clock.wall().seconds(),
            certificates: Mutex::default(),
        };
        let behaviour = BehaviourSource {
            terms: self.shared.terms.clone(),
            lookout: Arc::clone(&self.shared.lookout),
            sanctions: Arc::clone(&self.shared.sanctions),
        };
        vec![Arc::new(gate), Arc::new(behaviour)]
    }
}

impl Source for GateSource {
    fn gather(&self, sheet: &mut Sheet) {
        let terms = Arc::clone(&self.terms.borrow());
        families::process(sheet);
        self.requests(sheet, &terms);
        self.connections(sheet);
        self.trail(sheet);
        self.sinks(sheet);
        self.policy(sheet, &terms);
        self.key_sets(sheet);
        self.machine(sheet, &terms);
        if let Some(tracing) = &terms.tracing {
            tracing.exporter().gather(sheet);
        }
    }
}

impl GateSource {
    /// One number over all workers.
    fn sum(&self, of: impl Fn(&Tally) -> u64) -> u64 {
        self.tallies.iter().map(|tally| of(tally)).sum()
    }

    /// Codes over all workers, each once.
    fn codes(&self, of: impl Fn(&Tally) -> &families::Codes) -> HashMap<&'static str, u64> {
        let mut all = HashMap::new();
        for (code, count) in self.tallies.iter().flat_map(|tally| of(tally).counts()) {
            *all.entry(code).or_default() += count;
        }
        all
    }

    fn requests(&self, sheet: &mut Sheet, terms: &Terms) {
        if let Some(meters) = &terms.meters {
            meters.gather(sheet);
        }
        for (code, count) in self.codes(|tally| &tally.codes) {
            sheet.counter(&families::REFUSALS, [code.into()], count);
        }
        for (code, count) in self.codes(|tally| &tally.shadowed) {
            sheet.counter(&families::SHADOWED, [code.into()], count);
        }
        sheet.histogram(&families::GATE_SECONDS, [], self.tallies.iter().map(|tally| &tally.own));
        sheet.gauge(&families::OPEN, [], self.sum(|tally| tally.open.get()));
        sheet.counter(&families::LIMIT_OVERFLOW, [], terms.limits.overflowed());
    }

    fn connections(&self, sheet: &mut Sheet) {
        sheet.gauge(&families::CONNECTIONS, [], self.edge.slots.taken() as u64);
        sheet.gauge(&families::CONNECTIONS_MAX, [], self.edge.slots.most() as u64);
        sheet.counter(&families::ACCEPTED, [], self.sum(|tally| tally.accepted.get()));
        for (at, version) in ["1.2", "1.3"].into_iter().enumerate() {
            sheet.counter(&families::HANDSHAKES, [version.into()], self.sum(|tally| tally.handshakes[at].get()));
        }
        for (reason, count) in self.codes(|tally| &tally.connections) {
            sheet.counter(&families::CONNECTION_ENDS, [reason.into()], count);
        }
    }

    fn trail(&self, sheet: &mut Sheet) {
        sheet.gauge(&families::TRAIL_HEALTHY, [], u64::from(self.trail.healthy()));
        let Some(state) = self.trail.counts() else { return };
        let counts = state.counts;
        sheet.counter(&families::RECORDS, [], counts.written.get());
        sheet.counter(&families::RECORDS_LOST, [], state.lost);
        sheet.counter(&families::RECORDS_WITHHELD, [], counts.withheld.get());
        sheet.gauge(&families::QUEUE, [], state.held as u64);
        sheet.gauge(&families::QUEUE_MAX, [], state.bound as u64);
        if self.trail.is_spooled() {
            sheet.histogram(&families::COMMIT_SECONDS, [], [&counts.commits]);
            sheet.gauge(&families::SPOOL_WAITING, [], counts.lacking.get());
            sheet.gauge(&families::SPOOL_BYTES, [], counts.spool_bytes.get());
            sheet.gauge(&families::SPOOL_MAX, [], counts.spool_capacity.get());
            sheet.gauge(&families::SEQUENCE, [], self.trail.durable());
        }
    }

    fn sinks(&self, sheet: &mut Sheet) {
        let statuses = self.sinks.as_ref().map(|board| board.statuses()).unwrap_or_default();
        for status in statuses.iter().take(MOST_SINKS) {
            let sink = &status.name;
            sheet.gauge(&families::SINK_LAG, [sink.into()], status.lag_records);
            sheet.gauge(&families::SINK_LAG_SECONDS, [sink.into()], status.lag_seconds);
            sheet.gauge(&families::SINK_FAILING, [sink.into()], u64::from(status.cause.is_some()));
            sheet.gauge(&families::SINK_HELD, [sink.into()], u64::from(status.state == State::Held));
            for (result, count) in [
                ("delivered", status.records),
                ("rejected", status.rejected),
                ("left_out", status.left_out),
                ("undelivered", status.undelivered),
            ] {
                sheet.counter(&families::SINK_RECORDS, [sink.into(), result.into()], count);
            }
        }
    }

    fn policy(&self, sheet: &mut Sheet, terms: &Terms) {
        let policy = &terms.policy;
        let mode = if policy.mode == Mode::Enforce { "enforce" } else { "shadow" };
        sheet.gauge(&families::POLICY, [(&policy.digest).into(), mode.into()], 1);
        sheet.gauge(&families::GENERATION, [], terms.generation);
        sheet.gauge(&families::ROUTES, [], policy.routes.routes().len() as u64);
        let counts = self.reloader.counts();
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        for (result, count) in
            [("changed", &counts.changed), ("refused", &counts.refused), ("taken_back", &counts.taken_back)]
        {
            sheet.counter(&families::RELOADS, [result.into()], read(count));
        }
        sheet.gauge(&families::RELOADED, [], self.since.max(read(&counts.changed_at)));
        sheet.gauge(&families::RELOAD_OK, [], u64::from(!counts.refuses.load(Ordering::Relaxed)));
        let mut certificates = self.certificates.lock();
        if certificates.0 != terms.generation {
            *certificates = (terms.generation, ends(policy));
        }
        for (key, index, until) in &certificates.1 {
            sheet.gauge(&families::CERTIFICATE_END, [key.into(), index.into()], *until);
        }
    }

    /// What the gate shares with its replicas, and what it is on this machine.
    fn machine(&self, sheet: &mut Sheet, terms: &Terms) {
        if let Some(pool) = terms.limits.pool() {
            let [done, failed] = pool.exchanges();
            sheet.gauge(&families::SHARED_LINKED, [], u64::from(pool.is_linked()));
            sheet.gauge(&families::SHARED_REPLICAS, [], pool.replicas());
            sheet.counter(&families::SHARED_EXCHANGES, ["done".into()], done);
            sheet.counter(&families::SHARED_EXCHANGES, ["failed".into()], failed);
        }
        for (part, held) in self.sandbox.parts() {
            sheet.gauge(&families::SANDBOX, [part.into()], u64::from(held));
        }
        if let Some((_, doors)) = self.doors.last() {
            sheet.gauge(&families::SIDE_DOORS, [], doors.len() as u64);
        }
    }

    fn key_sets(&self, sheet: &mut Sheet) {
        for state in self.providers.states().iter().take(MOST_FILES) {
            let issuer = &state.issuer;
            sheet.gauge(&families::KEY_SET_USABLE, [issuer.into()], u64::from(state.usable));
            sheet.gauge(&families::KEY_SET_FETCHED, [issuer.into()], state.fetched);
            sheet.gauge(&families::KEY_SET_FAILURES, [issuer.into()], state.failures);
        }
    }
}

/// By key, and place among the files of that key.
fn ends(policy: &Policy) -> Vec<CertificateEnd> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let ends = expiry::ends(&policy.files).into_iter().take(MOST_FILES);
    ends.filter_map(|(key, until)| {
        let place = seen.entry(key).or_default();
        let name = (Name::configured(key).ok()?, Name::configured(&place.to_string()).ok()?, until);
        *place += 1;
        Some(name)
    })
    .collect()
}
