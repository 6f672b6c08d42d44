//! A changed policy, certificate, key or authority comes into force: read and compiled beside the workers, then
//! published in one step. What is not fit to run changes nothing, and says so.

mod attempt;
mod contents;
mod expiry;
mod inotify;
mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, oneshot, watch};

use super::assembly::Assembled;
use crate::audit::{Author, Trail};
use crate::clock::Clock;
use crate::edge::Edge;
use crate::gate::Terms;
use crate::policy::{LoadOptions, Policy, load};
use crate::telemetry::log;
use attempt::{Candidate, InForce, Place, Refusal, TakenBack, Verdict, attempt};
use contents::{Contents, Group, owner};
use expiry::Span;
use inotify::FileWatch;

/// Orders to reload that wait: each operator waits for an answer, so that more are a mistake.
const ASKING: usize = 16;
/// Attempts at a set of files that changes while it is read, before the next change or look.
const PATIENCE: u32 = 20;
/// Between two of these.
const PAUSE: Duration = Duration::from_millis(50);

/// What came of an order to reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What lies on disk is in force now, as this generation.
    Changed(u64),
    /// It was in force already.
    Unchanged,
    /// It is not fit to run, for so many reasons, which the own log shows. What was in force stays.
    Refused(usize),
    /// It was taken back before, and is not tried again until it changes.
    TakenBack,
    /// The files kept changing while they were read; the next look tries again.
    Moving,
    /// The gate has no policy file to read again, or is stopping.
    Off,
}

/// How often what happened, for metrics.
#[derive(Debug, Default)]
pub struct ReloadCounts {
    /// Changes put in force.
    pub changed: AtomicU64,
    /// Changes refused.
    pub refused: AtomicU64,
    /// Changes taken back.
    pub taken_back: AtomicU64,
}

/// Orders reloads from any thread.
#[derive(Clone)]
pub struct Reloader {
    ask: mpsc::Sender<Ask>,
    counts: Arc<ReloadCounts>,
}

struct Ask {
    author: Author,
    answer: oneshot::Sender<Outcome>,
}

impl Reloader {
    pub(super) fn new() -> (Self, Orders) {
        let (ask, orders) = mpsc::channel(ASKING);
        let counts = Arc::new(ReloadCounts::default());
        (Self { ask, counts: Arc::clone(&counts) }, Orders { orders, counts })
    }

    /// Takes up what lies on disk, and waits until that is done or refused.
    pub async fn reload(&self, author: Author) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        if self.ask.send(Ask { author, answer }).await.is_err() {
            return Outcome::Off;
        }
        outcome.await.unwrap_or(Outcome::Off)
    }

    /// How often what happened.
    pub fn counts(&self) -> &ReloadCounts {
        &self.counts
    }
}

/// The other end of a [`Reloader`].
pub(super) struct Orders {
    orders: mpsc::Receiver<Ask>,
    counts: Arc<ReloadCounts>,
}

/// What a keeper works with.
pub(super) struct Means {
    pub provider: Arc<CryptoProvider>,
    pub clock: Clock,
    pub trail: Trail,
    pub edge: Arc<Edge>,
    pub publish: watch::Sender<Arc<Terms>>,
    pub orders: Orders,
}

/// What lay on disk before a start read it.
pub(super) struct Seen {
    path: PathBuf,
    contents: Arc<Contents>,
}

impl Seen {
    /// To be called before anything that the policy names is read: what changes from now on is a change.
    pub fn before_reading(path: PathBuf, policy: &Policy) -> Self {
        // The policy itself was read already. If it has changed since, nothing is known of its content.
        let same = load(&path, &LoadOptions::run()).is_ok_and(|loaded| loaded.policy.digest == policy.digest);
        let contents = if same { Contents::of(&path, &policy.files) } else { Contents::unknown() };
        Self { path, contents: Arc::new(contents) }
    }
}

/// Keeps what is in force in step with what lies on disk.
pub(super) struct Keeper {
    place: Place,
    trail: Trail,
    edge: Arc<Edge>,
    publish: watch::Sender<Arc<Terms>>,
    orders: Orders,
    current: InForce,
    /// What was refused last: said once, not at every look.
    refused: Option<Arc<Contents>>,
    taken_back: Option<TakenBack>,
    /// How long the certificates in force hold.
    spans: Vec<Span>,
}

impl Keeper {
    /// Of a gate that was just assembled.
    pub fn new(means: Means, seen: Seen, assembled: Assembled) -> Self {
        let Means { provider, clock, trail, edge, publish, orders } = means;
        let Seen { path, contents } = seen;
        let spans = expiry::spans(&assembled.terms.policy.files);
        Self {
            place: Place { policy: path, provider, clock },
            trail,
            edge,
            publish,
            orders,
            current: InForce { assembled, contents },
            refused: None,
            taken_back: None,
            spans,
        }
    }

    /// Keeps, for as long as the gate serves.
    pub async fn keep(mut self, mut hangup: Signal) {
        let mut files = FileWatch::new().inspect_err(|fault| {
            log::warn!(
                "the kernel does not tell of changed files; they are looked at from time to time",
                fault = fault
            );
        });
        // What changed before the kernel was asked to tell of it.
        let mut first = true;
        loop {
            if let Ok(files) = &mut files {
                let named = self.current.assembled.terms.policy.files.iter().filter(|file| file.is_reloadable());
                let policy = std::iter::once(self.place.policy.as_path());
                files.watch(policy.chain(named.map(|file| file.path.as_path())));
            }
            if std::mem::take(&mut first) {
                self.reload(None).await;
            }
            expiry::say(&mut self.spans, self.place.clock.wall());
            self.once(&mut hangup, files.as_ref().ok()).await;
        }
    }

    /// Waits for one reason to look, and looks.
    async fn once(&mut self, hangup: &mut Signal, files: Option<&FileWatch>) {
        let told = async {
            let told = match files {
                Some(files) => files.changed().await.is_ok(),
                None => false,
            };
            if !told {
                std::future::pending::<()>().await;
            }
        };
        let poll = self.current.assembled.terms.policy.reload.poll;
        tokio::select! {
            Some(Ask { author, answer }) = self.orders.orders.recv() => {
                let outcome = self.reload(Some(author)).await;
                // Who asked may not wait any more.
                let _ = answer.send(outcome);
            }
            Some(()) = hangup.recv() => {
                log::info!("SIGHUP: looking for changes");
                if self.reload(Some(Author::Signal)).await == Outcome::Unchanged {
                    log::info!("nothing has changed");
                }
            }
            () = told => { self.reload(None).await; }
            () = tokio::time::sleep(poll) => { self.reload(None).await; }
        }
    }

    /// Takes up what lies on disk. Without an author it is the file's owner.
    async fn reload(&mut self, author: Option<Author>) -> Outcome {
        for _ in 0..PATIENCE {
            let (place, current, bad) = (self.place.clone(), self.current.clone(), self.taken_back.clone());
            let looked = tokio::task::spawn_blocking(move || attempt(&place, &current, bad.as_ref())).await;
            match looked {
                Ok(Verdict::Moving) => tokio::time::sleep(PAUSE).await,
                Ok(Verdict::Same) => {
                    self.refused = None;
                    return Outcome::Unchanged;
                }
                Ok(Verdict::TakenBack) => {
                    if author.is_some() {
                        log::warn!("this policy was taken back; it is not tried again until it changes");
                    }
                    return Outcome::TakenBack;
                }
                Ok(Verdict::Refused(refusal)) => return self.refuse(refusal, author),
                Ok(Verdict::Sound(candidate)) => return self.accept(*candidate, author),
                // A panic in there has been told of; what is in force stays.
                Err(_) => return Outcome::Refused(1),
            }
        }
        log::warn!("the policy's files keep changing while they are read");
        Outcome::Moving
    }

    fn refuse(&mut self, refusal: Refusal, author: Option<Author>) -> Outcome {
        let count = refusal.faults.len() + refusal.more;
        if author.is_none() && self.refused.as_ref() == Some(&refusal.contents) {
            return Outcome::Refused(count);
        }
        self.orders.counts.refused.fetch_add(1, Ordering::Relaxed);
        let author = author.unwrap_or_else(|| self.owner(&refusal.contents));
        refusal.faults.iter().for_each(attempt::Fault::log);
        log::error!(
            "the change is refused; what was in force stays, and `portcullis check` shows the faults",
            faults = count,
            author = &author.shown(),
            policy = &self.current.assembled.terms.policy.digest,
        );
        told::refused(&self.trail, &self.place.clock, &self.current, &refusal, author);
        self.refused = Some(refusal.contents);
        Outcome::Refused(count)
    }

    fn accept(&mut self, candidate: Candidate, author: Option<Author>) -> Outcome {
        let author = author.unwrap_or_else(|| self.owner(&candidate.next.contents));
        self.orders.counts.changed.fetch_add(1, Ordering::Relaxed);
        let Candidate { next, diff, spans } = candidate;
        if !next.contents.same(&self.current.contents, Group::Certificates) {
            self.spans = spans;
        }
        let before = std::mem::replace(&mut self.current, next);
        self.refused = None;
        self.publish();
        let changes = diff.sentences();
        let terms = &self.current.assembled.terms;
        log::info!(
            "a change is in force",
            policy = &terms.policy.digest,
            generation = terms.generation,
            author = &author.shown(),
            routes = terms.policy.routes.routes().len(),
        );
        for sentence in &changes {
            log::info!("changed", what = sentence);
        }
        told::accepted(&self.trail, &self.place.clock, &before, &self.current, &author, changes);
        Outcome::Changed(self.current.assembled.terms.generation)
    }

    /// Puts `current` in force: the handshake's terms first, so that whoever connects from now on is judged by them.
    fn publish(&self) {
        let Assembled { terms, tls } = &self.current.assembled;
        self.edge.tls.store(Arc::clone(tls));
        self.edge.slots.set_bounds(terms.policy.gate.connections);
        self.publish.send_replace(Arc::clone(terms));
    }

    /// Whose change it is: the owner of a file that is not as it was.
    fn owner(&self, contents: &Contents) -> Author {
        let changed = contents.changed(&self.current.contents).next().map(|(path, _)| path.to_owned());
        Author::File(changed.as_deref().and_then(owner))
    }
}
