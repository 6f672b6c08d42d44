//! Probes of the app on this pod's loopback, for a kubelet that cannot reach it: the app's ports are closed to everybody
//! but the gate. What is asked stands in the command line (`run --probe`); what comes with a request on the health
//! port changes nothing but which of them it is.
//!
//! ```json
//! {"path":"/probe/app/liveness","http":{"port":8080,"path":"/healthz","headers":[["Host","shop"]]},"timeout":3}
//! {"path":"/probe/app/startup","tcp":{"port":8080}}
//! {"path":"/probe/app/readiness","grpc":{"port":9000,"service":"shop.Orders"}}
//! ```

mod ask;
mod read;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, Uri};
use tokio::sync::Mutex;

use crate::clock::{Clock, Ticks};

/// Probes of one pod: five for each container.
const MAX_PROBES: usize = 64;
/// An answer holds this long, so that whoever can reach the port cannot have the app asked more often. The kubelet's
/// shortest period is a second.
const FRESH: Duration = Duration::from_millis(500);

/// What is wrong with an argument of `--probe`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--probe: {0}")]
pub struct ProbeFault(String);

/// The probes that a gate answers, by path.
#[derive(Default)]
pub struct Probes {
    by_path: BTreeMap<String, Slot>,
}

/// One of them, with its last answer. Whoever asks waits for who asked before.
struct Slot {
    probe: Probe,
    last: Mutex<Option<(Ticks, bool)>>,
}

/// How the app is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Probe {
    port: u16,
    way: Way,
    /// From the connection to the whole answer.
    timeout: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Http {
        target: Uri,
        headers: HeaderMap,
    },
    Tcp,
    /// `grpc.health.v1.Health/Check` of a service; empty for the server as a whole.
    Grpc(String),
}

impl Probes {
    /// Reads the arguments of `--probe`.
    pub fn read(arguments: &[String]) -> Result<Self, ProbeFault> {
        if arguments.len() > MAX_PROBES {
            return Err(ProbeFault(format!("more than {MAX_PROBES}")));
        }
        let mut by_path = BTreeMap::new();
        for argument in arguments {
            let (path, probe) = read::probe(argument)?;
            if by_path.contains_key(&path) {
                return Err(ProbeFault(format!("`{path}` is there twice")));
            }
            by_path.insert(path, Slot { probe, last: Mutex::new(None) });
        }
        Ok(Self { by_path })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The longest that one of them may take.
    pub fn longest(&self) -> Duration {
        self.by_path.values().map(|slot| slot.probe.timeout).max().unwrap_or_default()
    }

    /// The ports of this machine that are called.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        self.by_path.values().map(|slot| slot.probe.port)
    }

    /// Whether the app is well by the probe of a path; `None` if there is no such probe.
    pub async fn ask(&self, path: &str, clock: &Clock) -> Option<bool> {
        let slot = self.by_path.get(path)?;
        let mut last = slot.last.lock().await;
        if let Some((since, well)) = *last
            && clock.ticks() < since.plus(FRESH)
        {
            return Some(well);
        }
        let well = matches!(tokio::time::timeout(slot.probe.timeout, ask::ask(&slot.probe)).await, Ok(Ok(true)));
        *last = Some((clock.ticks(), well));
        Some(well)
    }
}
