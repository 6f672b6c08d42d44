//! The gate's own log, on standard error: for the start, the stop and faults, never for requests, which the audit trail
//! records.
//!
//! A message is fixed text and its fields are of types that cannot hold a request's own text. The crates below us log
//! header fields and host names at their lower levels, so only events of our own target are let through, at every
//! level. `tracing`'s macros are used here and nowhere else.
//!
//! Whoever can make the gate say the same thing again and again cannot fill a disk with it: after a row of lines from one
//! place in the source, one a second is written, with `left_out` for how many were not.
//!
//! ```ignore
//! telemetry::log::warn!("a sink cannot be written to", sink = "file", fault = &error);
//! ```

mod flood;

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tracing::field::{DisplayValue, display};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{DynFilterFn, dynamic_filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::redact::{Name, Redacted};
pub use flood::{Valve, suppressed};

use super::patient::OwnLog;

/// The one target that is let through.
pub const TARGET: &str = "portcullis";

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum LogLevel {
    /// What needs somebody now.
    Error,
    /// What needs somebody soon.
    Warn,
    /// What was done: start, reload, stop.
    #[default]
    Info,
    /// What helps to find a fault.
    Debug,
}

/// How it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line of text.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// As the command line has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// How much is said now, as the place of a [`LogLevel`]. Everything, until somebody says otherwise.
static LEVEL: AtomicU8 = AtomicU8::new(LogLevel::Debug as u8);

/// Says more or less from now on.
pub fn set_level(level: LogLevel) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// How much is said now.
pub fn level() -> LogLevel {
    match LEVEL.load(Ordering::Relaxed) {
        0 => LogLevel::Error,
        1 => LogLevel::Warn,
        2 => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Begins to log to standard error. The form stays; the level is that of the last call, or of [`set_level`].
pub fn init(level: LogLevel, format: LogFormat) {
    set_level(level);
    let stderr = Arc::new(OwnLog::stderr());
    let _ = match format {
        LogFormat::Text => {
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(text(&LEVEL, stderr)))
        }
        LogFormat::Json => {
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(json(&LEVEL, stderr)))
        }
    };
}

fn text<S, W>(level: &'static AtomicU8, writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_target(false).with_ansi(false);
    layer.with_filter(ours(level))
}

fn json<S, W>(level: &'static AtomicU8, writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer).with_target(false);
    layer.with_current_span(false).with_span_list(false).with_filter(ours(level))
}

/// Our own target, exactly, at the level of this moment or above.
fn ours<S>(level: &'static AtomicU8) -> DynFilterFn<S, impl Fn(&tracing::Metadata<'_>, &Context<'_, S>) -> bool> {
    dynamic_filter_fn(move |metadata: &tracing::Metadata<'_>, _: &Context<'_, S>| {
        let most = match level.load(Ordering::Relaxed) {
            0 => LevelFilter::ERROR,
            1 => LevelFilter::WARN,
            2 => LevelFilter::INFO,
            _ => LevelFilter::DEBUG,
        };
        metadata.target() == TARGET && *metadata.level() <= most
    })
}

/// What a field may hold. Closed: text that is redacted, configured or our own, and numbers.
pub trait Loggable: sealed::Sealed {
    /// The form in which it is logged.
    type Shown: tracing::Value;

    /// Gives that form.
    fn shown(self) -> Self::Shown;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! loggable {
    ($($type:ty => $shown:ty: $make:expr;)*) => {$(
        impl sealed::Sealed for $type {}
        impl Loggable for $type {
            type Shown = $shown;
            fn shown(self) -> $shown {
                $make(self)
            }
        }
    )*};
}

loggable! {
    u64 => u64: |number| number;
    u32 => u64: u64::from;
    u16 => u64: u64::from;
    usize => u64: |number| number as u64;
    bool => bool: |value| value;
    // Fixed text: nothing of a request lives as long as the program.
    &'static str => &'static str: |word| word;
    std::net::SocketAddr => DisplayValue<std::net::SocketAddr>: display;
}

impl sealed::Sealed for &Redacted {}
impl<'a> Loggable for &'a Redacted {
    type Shown = DisplayValue<&'a Redacted>;
    fn shown(self) -> Self::Shown {
        display(self)
    }
}

impl sealed::Sealed for &Name {}
impl<'a> Loggable for &'a Name {
    type Shown = DisplayValue<&'a Name>;
    fn shown(self) -> Self::Shown {
        display(self)
    }
}

/// Paths come from configuration and the command line only.
impl sealed::Sealed for &Path {}
impl<'a> Loggable for &'a Path {
    type Shown = DisplayValue<std::path::Display<'a>>;
    fn shown(self) -> Self::Shown {
        display(self.display())
    }
}

impl sealed::Sealed for &io::Error {}
impl Loggable for &io::Error {
    type Shown = DisplayValue<Fault>;
    fn shown(self) -> Self::Shown {
        display(Fault { kind: self.kind(), code: self.raw_os_error() })
    }
}

/// An I/O error by kind and number. Its own text is left out: libraries put into it what they read.
pub struct Fault {
    kind: io::ErrorKind,
    code: Option<i32>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} (os error {code})", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

/// Writes one event: `event!(WARN, "fixed text", field = value, …)`. The text is a literal, the values [`Loggable`].
#[macro_export]
#[doc(hidden)]
macro_rules! __log_event {
    ($level:ident $own:ident, $message:literal $(, $field:ident = $value:expr)* $(,)?) => {{
        static VALVE: $crate::telemetry::log::Valve = $crate::telemetry::log::Valve::new();
        if $crate::telemetry::log::LogLevel::$own <= $crate::telemetry::log::level()
            && let Some(left_out) = VALVE.pass()
        {
            $crate::telemetry::log::__tracing::event!(
                target: $crate::telemetry::log::TARGET,
                $crate::telemetry::log::__tracing::Level::$level,
                $($field = $crate::telemetry::log::Loggable::shown($value),)*
                left_out = (left_out > 0).then_some(left_out),
                $message
            );
        }
    }};
}

/// Says what needs somebody now.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_error {
    ($($event:tt)*) => { $crate::__log_event!(ERROR Error, $($event)*) };
}

/// Says what needs somebody soon.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_warn {
    ($($event:tt)*) => { $crate::__log_event!(WARN Warn, $($event)*) };
}

/// Says what was done.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_info {
    ($($event:tt)*) => { $crate::__log_event!(INFO Info, $($event)*) };
}

/// Says what helps to find a fault.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_debug {
    ($($event:tt)*) => { $crate::__log_event!(DEBUG Debug, $($event)*) };
}

#[doc(hidden)]
pub use tracing as __tracing;
pub use {__log_debug as debug, __log_error as error, __log_info as info, __log_warn as warn};

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Panics since the hook was installed.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Makes a panic say where it happened and nothing else: its message may hold what was being worked on.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        let (file, line) = panic.location().map_or(("unknown", 0), |location| (location.file(), location.line()));
        // Not by the log: the panic may have happened within it. Nor by `eprintln`, which panics if nobody reads.
        let _ = writeln!(io::stderr(), "internal fault at {file}:{line}");
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn say_all() {
        let name = Name::configured("orders").unwrap();
        let fault = io::Error::new(io::ErrorKind::InvalidData, "Jane Doe, 1 Main Street");
        super::info!("started", route = &name, count = 3u64, fault = &fault, path = Path::new("/etc/portcullis"));
        super::debug!("detail");
        // As the crates below us do.
        tracing::error!(target: "h2::frame", "authorization: Bearer secret");
        tracing::trace!(target: "rustls::client", "sni jane.example");
        tracing::error!("from a module of our own, past the macro");
    }

    fn at(level: LogLevel) -> &'static AtomicU8 {
        Box::leak(Box::new(AtomicU8::new(level as u8)))
    }

    #[test]
    fn the_level_changes_while_it_runs() {
        let (written, level) = (Written::default(), at(LogLevel::Error));
        let writer = written.clone();
        let layer = text(level, move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            say_all();
            level.store(LogLevel::Debug as u8, Ordering::Relaxed);
            say_all();
            level.store(LogLevel::Error as u8, Ordering::Relaxed);
            say_all();
        });
        assert_eq!(written.text().matches("DEBUG detail").count(), 1, "{}", written.text());
    }

    #[test]
    fn a_flood_is_cut_and_says_so() {
        let written = Written::default();
        let writer = written.clone();
        let layer = text(at(LogLevel::Debug), move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            (0..10_000_u64).for_each(|count| super::warn!("again", count = count));
        });
        assert!((64..80).contains(&written.text().lines().count()), "{}", written.text());
        assert!(suppressed() > 9_000);
    }

    #[test]
    fn only_our_own_events_are_written_and_no_error_text() {
        let written = Written::default();
        let writer = written.clone();
        let layer = text(at(LogLevel::Debug), move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), say_all);
        let text = written.text();
        assert!(text.contains("INFO started route=orders count=3 fault=invalid data path=/etc/portcullis"), "{text}");
        assert!(text.contains("DEBUG detail"), "{text}");
        for absent in ["Jane", "secret", "jane", "past the macro"] {
            assert!(!text.contains(absent), "{text}");
        }
    }

    #[test]
    fn json_is_one_object_a_line_and_levels_hold() {
        let written = Written::default();
        let writer = written.clone();
        let layer = json(at(LogLevel::Info), move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), say_all);
        let text = written.text();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["message"], &line["count"], &line["level"]), (&"started".into(), &3.into(), &"INFO".into()));
    }
}
