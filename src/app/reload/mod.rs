//! A changed policy, certificate, key or authority comes into force: read and compiled beside the workers, then
//! published in one step. What is not fit to run changes nothing, and says so.

mod attempt;
mod board;
mod contents;
pub(super) mod expiry;
mod inotify;
mod keeper;
mod last_good;
mod rollback;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use arc_swap::ArcSwapOption;
use rustls::crypto::CryptoProvider;
use tokio::sync::{mpsc, oneshot, watch};

use crate::audit::{Author, Trail};
use crate::clock::Clock;
use crate::delivery::Deliveries;
use crate::deploy::Needs;
use crate::edge::{Edge, TlsTerms};
use crate::gate::{Tally, Terms};
use crate::identity::Providers;
use crate::policy::{LoadOptions, Policy, Texts, load};
pub use board::{Board, CertificateSpan, LastLook};
use contents::Contents;
pub(super) use keeper::Keeper;
pub use last_good::{LastGoodFault, recover};

/// Orders to reload that wait: each operator waits for an answer, so that more are a mistake.
const ASKING: usize = 16;
/// What came of an order to reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What lies on disk is in force now, as this generation.
    Changed(u64),
    /// It was in force already.
    Unchanged,
    /// It is not fit to run, for so many reasons, which the own log shows. What was in force stays.
    Refused(usize),
    /// It is sound, and a gate that runs cannot take up so many of its keys, which the own log shows: a restart can. What
    /// was in force stays.
    NeedsRestart(usize),
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
    /// When the last change came into force, in Unix seconds; 0 if none has.
    pub changed_at: AtomicU64,
    /// Whether what lies on disk is refused.
    pub refuses: AtomicBool,
}

/// Orders reloads from any thread.
#[derive(Clone)]
pub struct Reloader {
    ask: mpsc::Sender<Ask>,
    counts: Arc<ReloadCounts>,
    board: Arc<Board>,
}

struct Ask {
    author: Author,
    answer: oneshot::Sender<Outcome>,
}

impl Reloader {
    pub(super) fn new() -> (Self, Orders) {
        let (ask, asked) = mpsc::channel(ASKING);
        let (counts, board) = (Arc::new(ReloadCounts::default()), Arc::new(Board::default()));
        let own = Self { ask, counts: Arc::clone(&counts), board: Arc::clone(&board) };
        (own, Orders { asked, counts, board })
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

    /// How the last look ended, and how long certificates hold.
    pub fn board(&self) -> &Board {
        &self.board
    }
}

/// The other end of a [`Reloader`].
pub(super) struct Orders {
    asked: mpsc::Receiver<Ask>,
    counts: Arc<ReloadCounts>,
    board: Arc<Board>,
}

/// What a keeper works with.
pub(super) struct Means {
    pub provider: Arc<CryptoProvider>,
    pub providers: Providers,
    pub clock: Clock,
    pub trail: Trail,
    pub edge: Arc<Edge>,
    pub operators: Arc<ArcSwapOption<TlsTerms>>,
    pub publish: watch::Sender<Arc<Terms>>,
    pub orders: Orders,
    pub tallies: Arc<[Arc<Tally>]>,
    pub deliveries: Option<Deliveries>,
    /// What the sandbox allows; `None` without one.
    pub fence: Option<Arc<Needs>>,
}

/// What lay on disk before a start read it.
pub(super) struct Seen {
    path: PathBuf,
    contents: Arc<Contents>,
    texts: Arc<Texts>,
    /// The start took the last good policy in place of what lies there.
    recovered: bool,
}

impl Seen {
    /// To be called before anything that the policy names is read: what changes from now on is a change.
    pub fn before_reading(path: PathBuf, texts: Texts, policy: &Policy, recovered: bool) -> Self {
        // The policy itself was read already. If it has changed since, nothing is known of its content.
        let same = load(&path, &LoadOptions::run()).is_ok_and(|loaded| loaded.policy.digest == policy.digest);
        let contents = if same { Contents::of(&path, &policy.files) } else { Contents::unknown() };
        Self { path, contents: Arc::new(contents), texts: Arc::new(texts), recovered }
    }

    /// Where the policy lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
