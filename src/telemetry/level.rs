//! A level of the own log that is lent for a while.

use parking_lot::Mutex;

use super::log::{LogLevel, level, set_level};

/// What is lent.
struct Loan {
    /// Counts loans: who gives back an older one changes nothing.
    turn: u64,
    /// The level of before the first loan that is out.
    before: Option<LogLevel>,
}

/// Of the whole process, as there is one log.
static LOAN: Mutex<Loan> = Mutex::new(Loan { turn: 0, before: None });

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

/// Says as much until somebody gives back the number that this gives.
pub fn lend_level(wanted: LogLevel) -> u64 {
    let mut loan = LOAN.lock();
    loan.turn += 1;
    loan.before.get_or_insert_with(level);
    set_level(wanted);
    loan.turn
}

/// Says as much as before all loans, unless there was one since `turn`.
pub fn give_back_level(turn: u64) {
    let mut loan = LOAN.lock();
    if loan.turn == turn
        && let Some(before) = loan.before.take()
    {
        set_level(before);
    }
}
