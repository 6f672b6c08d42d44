//! How much the own log says at this moment. An operator may change it for a bounded time.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing_subscriber::layer::{Context, Filter};

use super::log::{LogLevel, TARGET};

/// The level of the whole process, as there is one log: a place in [`LEVELS`].
static NOW: AtomicU8 = AtomicU8::new(2);
/// What the command line said.
static CONFIGURED: AtomicU8 = AtomicU8::new(2);
/// Counts changes.
static TURN: AtomicU64 = AtomicU64::new(0);

const LEVELS: [LogLevel; 4] = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug];

impl LogLevel {
    /// As the command line spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The level of a word.
    pub fn parse(word: &str) -> Option<Self> {
        LEVELS.into_iter().find(|level| level.word() == word)
    }
}

/// How much is said now.
pub fn level() -> LogLevel {
    LEVELS.get(usize::from(NOW.load(Ordering::Relaxed))).copied().unwrap_or_default()
}

/// Says as much from now on, and whenever a lent level is given back.
pub fn set_level(level: LogLevel) {
    CONFIGURED.store(place(level), Ordering::Relaxed);
    lend_level(level);
}

/// Says as much until somebody gives back the number that this gives.
pub fn lend_level(level: LogLevel) -> u64 {
    let turn = TURN.fetch_add(1, Ordering::SeqCst) + 1;
    apply(place(level));
    turn
}

/// Says as much as configured, unless somebody has changed the level since `turn`.
pub fn give_back_level(turn: u64) -> bool {
    let latest = TURN.load(Ordering::SeqCst) == turn;
    if latest {
        apply(CONFIGURED.load(Ordering::Relaxed));
    }
    latest
}

const fn place(level: LogLevel) -> u8 {
    match level {
        LogLevel::Error => 0,
        LogLevel::Warn => 1,
        LogLevel::Info => 2,
        LogLevel::Debug => 3,
    }
}

fn apply(place: u8) {
    NOW.store(place, Ordering::Relaxed);
    // Places that log have asked once whether anybody listens; they ask again.
    tracing::callsite::rebuild_interest_cache();
}

/// Lets through our own target, exactly, at the level of this moment or above.
pub(super) struct Ours;

impl Ours {
    fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET && *metadata.level() <= LevelFilter::from(level())
    }
}

impl<S> Filter<S> for Ours {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        Self::wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(level().into())
    }
}
