//! Key sets that come from an identity provider. They are fetched ahead of need by a task of their own, swapped in as a
//! whole, and kept for a bounded time where the provider cannot be reached; a request only ever reads what is there.
//!
//! ```text
//! Providers ─ one RemoteKeys for each issuer ─ refreshed ─► fetch (discover, key set) ─► parsed ─► swapped in ─► file
//!     ▲ outlives policies                          ▲ ahead of expiry, or for an unknown `kid`, seldom
//! ```

mod fetch;
#[cfg(fuzzing)]
pub(super) mod hostile;
mod kept;
mod schedule;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use tokio::sync::{Notify, watch};

use super::IdentityFault;
use super::jwks::KeySet;
use super::recent::Recent;
use super::replay::Replays;
use crate::clock::Clock;
use crate::outbound::{Client, ClientBounds, ClientSettings};
use crate::policy::http_address::{HttpAddress, Origin};
use crate::policy::settings::{KeySource, TokenSettings};
use crate::redact::Name;
use crate::telemetry::log;

/// What fetching keys may cost: nobody waits for all of it.
const FETCHING: ClientBounds = ClientBounds { time: Duration::from_secs(10), body: 1024 * 1024, calls: 4 };
/// What asking about a token may cost: a request waits for it, and an answer is as long as a token's claims.
pub(super) const ASKING: ClientBounds = ClientBounds { time: Duration::from_secs(5), body: 64 * 1024, calls: 32 };
/// Unknown `kid`s have the set fetched at most so often: anybody can make them up.
const WISH_EVERY: Duration = Duration::from_secs(30);
/// How long a request waits for the set that may hold its key.
const WISH_PATIENCE: Duration = Duration::from_secs(3);

/// What outlives a policy: the key sets of providers, and the proofs that were seen. Cheap to clone.
#[derive(Clone)]
pub struct Providers(Arc<Registry>);

struct Registry {
    crypto: Arc<CryptoProvider>,
    clock: Clock,
    /// Issuers of the policies that are in force or being loaded; those of no policy any more go by themselves.
    keys: Mutex<Vec<Weak<RemoteKeys>>>,
    added: Notify,
    replays: Arc<Replays>,
    recent: Arc<Recent>,
}

/// How the keys of one issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderState {
    /// The issuer.
    pub issuer: Name,
    /// Whether its tokens can be judged.
    pub usable: bool,
    /// When its keys were last fetched, in Unix seconds; 0 for never.
    pub fetched: u64,
    /// Fetches that failed since.
    pub failures: u64,
}

/// On the machine's clock.
impl Default for Providers {
    fn default() -> Self {
        Self::new(&Arc::new(rustls::crypto::aws_lc_rs::default_provider()), Clock::system())
    }
}

impl Providers {
    /// Nothing is fetched until [`Self::keep`] runs.
    pub fn new(crypto: &Arc<CryptoProvider>, clock: Clock) -> Self {
        Self(Arc::new(Registry {
            crypto: Arc::clone(crypto),
            clock,
            keys: Mutex::default(),
            added: Notify::new(),
            replays: Arc::default(),
            recent: Arc::default(),
        }))
    }

    /// Refreshes key sets for as long as it is polled; each issuer by itself, so that none waits for another.
    pub async fn keep(self) {
        loop {
            let fresh: Vec<_> =
                self.live().into_iter().filter(|keys| !keys.kept.swap(true, Ordering::Relaxed)).collect();
            for keys in fresh {
                tokio::spawn(RemoteKeys::refresh(Arc::downgrade(&keys), Arc::clone(&keys.wish)));
            }
            self.0.added.notified().await;
        }
    }

    /// Waits until every issuer has been tried once, at most for so long: a start neither refuses the first tokens
    /// without need, nor waits for a provider that is down.
    pub async fn settled(&self, patience: Duration) {
        let all = async {
            let now = self.0.clock.wall().seconds();
            for keys in self.live().iter().filter(|keys| keys.usable(now).is_none()) {
                // The sender lives as long as the keys that are held here.
                let _ = keys.looked.subscribe().wait_for(|looks| *looks > 0).await;
            }
        };
        // Those that have not answered by then are told of in the log, when they do or do not.
        let _ = tokio::time::timeout(patience, all).await;
    }

    /// Who called lately, under whatever policy.
    pub(super) fn recent(&self) -> Arc<Recent> {
        Arc::clone(&self.0.recent)
    }

    /// How every issuer's keys are, for readiness.
    pub fn states(&self) -> Vec<ProviderState> {
        let now = self.0.clock.wall().seconds();
        self.live().iter().map(|keys| keys.state(now)).collect()
    }

    /// The keys of an issuer: those that are there already, if its settings are the same.
    pub(super) fn keys(&self, settings: &Arc<TokenSettings>) -> Result<Arc<RemoteKeys>, IdentityFault> {
        let known = self.live().into_iter().find(|keys| keys.serves(settings));
        if let Some(known) = known {
            return Ok(known);
        }
        let keys = Arc::new(RemoteKeys::new(settings, self.client(settings, FETCHING)?, self.0.clock.clone())?);
        self.0.keys.lock().push(Arc::downgrade(&keys));
        self.0.added.notify_one();
        Ok(keys)
    }

    /// A client to an issuer's provider.
    pub(super) fn client(&self, settings: &TokenSettings, bounds: ClientBounds) -> Result<Client, IdentityFault> {
        let provider = &settings.provider;
        let client =
            ClientSettings { ca: provider.ca.clone(), client: provider.client.clone(), named: named(settings) };
        Client::load(&client, bounds, &self.0.crypto).map_err(|fault| IdentityFault::file(&fault.path, fault.what))
    }

    pub(super) fn replays(&self) -> Arc<Replays> {
        Arc::clone(&self.0.replays)
    }

    fn live(&self) -> Vec<Arc<RemoteKeys>> {
        let mut keys = self.0.keys.lock();
        keys.retain(|keys| keys.strong_count() > 0);
        keys.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Hosts that the policy names: they may be anywhere. What a provider's metadata names on top must lie outside.
fn named(settings: &TokenSettings) -> Vec<Origin> {
    let keys = settings.keys.as_ref().and_then(|keys| match keys {
        KeySource::Address(address) | KeySource::Discover(address) => address.origin(),
        KeySource::File(_) => None,
    });
    let introspection = settings.introspection.as_ref().and_then(|asked| asked.address.origin());
    let issuer = HttpAddress::parse(&settings.issuer).ok().and_then(|issuer| issuer.origin());
    [keys, introspection, issuer].into_iter().flatten().chain(settings.provider.hosts.iter().cloned()).collect()
}

/// The keys of one issuer.
pub(super) struct RemoteKeys {
    settings: Arc<TokenSettings>,
    source: KeySource,
    /// The issuer, as the log shows it.
    name: Name,
    client: Client,
    clock: Clock,
    current: ArcSwapOption<KeySet>,
    /// Of the current set; read at every hit of the token cache.
    generation: AtomicU64,
    /// The first second at which the set is too old.
    usable_until: AtomicU64,
    fetched: AtomicU64,
    failures: AtomicU64,
    /// SHA-256 of the current set's text.
    digest: Mutex<[u8; 32]>,
    /// Whether a task refreshes it.
    kept: AtomicBool,
    looking: AtomicBool,
    looked: watch::Sender<u64>,
    wish: Arc<Notify>,
    /// The first tick at which a wish is granted.
    wish_from: AtomicU64,
}

impl RemoteKeys {
    fn new(settings: &Arc<TokenSettings>, client: Client, clock: Clock) -> Result<Self, IdentityFault> {
        let source = settings.keys.clone().filter(|source| !matches!(source, KeySource::File(_)));
        let source = source.ok_or_else(|| IdentityFault::setting("the keys of this issuer are not fetched"))?;
        let keys = Self {
            name: Name::configured(&settings.issuer)
                .or_else(|_| Name::configured("issuer"))
                .map_err(|fault| IdentityFault::setting(format!("the issuer {fault}")))?,
            settings: Arc::clone(settings),
            source,
            client,
            clock,
            current: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            usable_until: AtomicU64::new(0),
            fetched: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            digest: Mutex::default(),
            kept: AtomicBool::new(false),
            looking: AtomicBool::new(false),
            looked: watch::Sender::new(0),
            wish: Arc::new(Notify::new()),
            wish_from: AtomicU64::new(0),
        };
        keys.recall();
        Ok(keys)
    }

    /// Whether these are the keys of `settings` too: what decides which keys there are is the same.
    fn serves(&self, settings: &TokenSettings) -> bool {
        let own = &self.settings;
        own.issuer == settings.issuer
            && own.keys == settings.keys
            && own.algorithms == settings.algorithms
            && own.keys_max_age == settings.keys_max_age
            && own.keys_cache == settings.keys_cache
            && own.provider == settings.provider
            && named(own) == named(settings)
    }

    /// The set, if there is one that is not too old at `now`.
    pub fn usable(&self, now: u64) -> Option<Arc<KeySet>> {
        if now >= self.usable_until.load(Ordering::Relaxed) {
            return None;
        }
        self.current.load_full()
    }

    /// What verified under the set of this generation: still good, to be verified anew (`Some(false)`), or nobody can say.
    pub fn holds(&self, generation: u64, now: u64) -> Option<bool> {
        if now >= self.usable_until.load(Ordering::Relaxed) {
            return None;
        }
        Some(generation == self.generation.load(Ordering::Acquire))
    }

    /// Has the set fetched, unless that was done of late. For keys that are not known, and for a set that is too old.
    pub fn wish(&self) -> bool {
        let now = self.clock.ticks();
        let from = self.wish_from.load(Ordering::Relaxed);
        if now.0 < from {
            return false;
        }
        let next = now.plus(WISH_EVERY).0;
        let granted = self.wish_from.compare_exchange(from, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if granted {
            self.wish.notify_one();
        }
        granted
    }

    /// Waits for the next set, if one is on its way or can be. Many may wait; one call is made for all of them.
    pub async fn look_again(&self) -> bool {
        let mut looked = self.looked.subscribe();
        let before = *looked.borrow_and_update();
        if !self.wish() && !self.looking.load(Ordering::Relaxed) {
            return false;
        }
        let next = looked.wait_for(|looks| *looks > before);
        tokio::time::timeout(WISH_PATIENCE, next).await.is_ok_and(|looked| looked.is_ok())
    }

    /// Keeps a set fresh until nobody has it any more.
    async fn refresh(keys: Weak<Self>, wish: Arc<Notify>) {
        loop {
            let Some(strong) = keys.upgrade() else { return };
            let wait = strong.look().await;
            drop(strong);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = wish.notified() => {}
            }
        }
    }

    /// Fetches the set once; gives how long the next time is away.
    async fn look(&self) -> Duration {
        self.looking.store(true, Ordering::Relaxed);
        let fetched = fetch::fetch(&self.client, &self.source, &self.settings).await;
        let now = self.clock.wall().seconds();
        let wait = match fetched {
            Ok(fetched) => {
                self.failures.store(0, Ordering::Relaxed);
                let wait = schedule::refresh_after(fetched.max_age, self.settings.keys_max_age);
                self.adopt(fetched.set, &fetched.text, now);
                self.remember(&fetched.text, now);
                wait
            }
            Err(fault) => {
                let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                let usable = self.usable(now).is_some();
                log::warn!(
                    "a key set could not be fetched",
                    issuer = &self.name,
                    fault = fault.code(),
                    usable = usable
                );
                schedule::retry_after(failures)
            }
        };
        self.looking.store(false, Ordering::Relaxed);
        self.looked.send_modify(|looks| *looks += 1);
        wait
    }

    /// Takes a set that was fetched at `fetched` into use. One that says the same as the last only lives on.
    fn adopt(&self, mut set: KeySet, text: &[u8], fetched: u64) {
        let digest = super::cache::TokenDigest::of(text).0;
        let is_new = std::mem::replace(&mut *self.digest.lock(), digest) != digest;
        if is_new {
            set.generation = self.generation.load(Ordering::Relaxed).saturating_add(1);
            let (generation, keys) = (set.generation, set.keys.len());
            for warning in &set.warnings {
                if let Ok(text) = Name::configured(&warning.replace(' ', "_")) {
                    log::warn!("a key of a key set was left out", issuer = &self.name, key = &text);
                }
            }
            self.current.store(Some(Arc::new(set)));
            self.generation.store(generation, Ordering::Release);
            log::info!("key set", issuer = &self.name, keys = keys);
        }
        self.fetched.store(fetched, Ordering::Relaxed);
        self.usable_until.store(fetched.saturating_add(self.settings.keys_max_age.as_secs()), Ordering::Relaxed);
    }

    /// Keeps a set over the next restart.
    fn remember(&self, text: &[u8], now: u64) {
        let Some(path) = &self.settings.keys_cache else { return };
        if let Err(error) = kept::write(path, &self.settings.issuer, text, now) {
            log::warn!("a key set could not be kept", issuer = &self.name, path = path.as_path(), fault = &error);
        }
    }

    /// Takes the set that was kept before a restart, if it is not too old. It is as good as fetched at that time.
    fn recall(&self) {
        let Some(path) = &self.settings.keys_cache else { return };
        let now = self.clock.wall().seconds();
        let kept = match kept::read(path, &self.settings.issuer) {
            Ok(Some(kept)) => kept,
            Ok(None) => return,
            Err(fault) => {
                log::warn!("a kept key set cannot be used", issuer = &self.name, path = path.as_path(), fault = fault);
                return;
            }
        };
        // One from the future would live longer than anybody allowed.
        let is_young = kept.fetched <= now && now - kept.fetched < self.settings.keys_max_age.as_secs();
        if is_young && let Ok(set) = KeySet::parse(kept.text.as_bytes(), &self.settings.algorithms) {
            self.adopt(set, kept.text.as_bytes(), kept.fetched);
        }
    }

    fn state(&self, now: u64) -> ProviderState {
        ProviderState {
            issuer: self.name.clone(),
            usable: self.usable(now).is_some(),
            fetched: self.fetched.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
        }
    }
}

impl Drop for RemoteKeys {
    fn drop(&mut self) {
        // Its task sleeps until the next refresh, and has nothing to refresh any more.
        self.wish.notify_one();
    }
}

#[cfg(test)]
mod tests;
