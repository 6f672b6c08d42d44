//! The shared count as limits ask it. One exchange is under way at a time; a connection that broke is made anew, not more
//! often than pauses allow.

use std::time::Duration;

use redis::Script;
use tokio::task::JoinSet;

use super::call::Call;
use super::fault::LinkFault;
use super::notices::NOTICES;
use super::reach::{Connection, Reach};
use crate::clock::{Clock, Ticks};
use crate::limits::shared::{Count, Entry, Told};

/// Decides, on the server, by its clock.
const COUNT: &str = include_str!("count.lua");
/// Counts the replicas.
const PRESENCE: &str = include_str!("presence.lua");
/// Entries of one call: some 10 µs each there, during which nobody else is served.
const ENTRIES: usize = 64;
/// First pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause: what a server that is back again waits to be noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A replica that was not heard of for so long is gone, in milliseconds.
const GONE: u64 = 5_000;

/// A link to the servers.
pub struct Link {
    pub(super) reach: Reach,
    connection: Option<Connection>,
    clock: Clock,
    count: Script,
    presence: Script,
    pub(super) notices: Script,
    /// This process among the replicas: a random number.
    replica: String,
    pause: Duration,
    next_try: Ticks,
}

impl Link {
    /// A link that has not connected yet.
    pub fn new(reach: Reach, replica: String, clock: Clock) -> Self {
        let (count, presence, notices) = (Script::new(COUNT), Script::new(PRESENCE), Script::new(NOTICES));
        let next_try = clock.ticks();
        Self { reach, connection: None, clock, count, presence, notices, replica, pause: FIRST_PAUSE, next_try }
    }

    pub(super) async fn connection(&mut self) -> Result<Connection, LinkFault> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let now = self.clock.ticks();
        if now < self.next_try {
            return Err(LinkFault::Connect);
        }
        match self.reach.connect().await {
            Ok(connection) => {
                self.connection = Some(connection.clone());
                Ok(connection)
            }
            Err(fault) => {
                self.failed();
                Err(fault)
            }
        }
    }

    fn failed(&mut self) {
        self.connection = None;
        self.next_try = self.clock.ticks().plus(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Keeps the connection of an exchange that came to its end.
    pub(super) fn ended<T>(&mut self, result: Result<T, LinkFault>) -> Result<T, LinkFault> {
        match result {
            Ok(value) => {
                self.pause = FIRST_PAUSE;
                Ok(value)
            }
            Err(fault) => {
                self.failed();
                Err(fault)
            }
        }
    }

    fn key(&self, entry: &Entry<'_>) -> String {
        // The part in braces says where a cluster keeps it.
        format!("{}{{{}}}:{}:{:016x}", self.reach.name, self.part(entry), entry.quota, entry.key)
    }

    const fn part(&self, entry: &Entry<'_>) -> u64 {
        entry.key % self.reach.parts
    }

    /// The entries' places, by the calls that ask for them.
    fn calls(&self, entries: &[Entry<'_>]) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); usize::try_from(self.reach.parts).unwrap_or(1)];
        for (place, entry) in entries.iter().enumerate() {
            if let Some(part) = usize::try_from(self.part(entry)).ok().and_then(|part| parts.get_mut(part)) {
                part.push(place);
            }
        }
        parts.iter().flat_map(|part| part.chunks(ENTRIES).map(<[usize]>::to_vec)).collect()
    }
}

impl Count for Link {
    type Fault = LinkFault;

    async fn ask(&mut self, entries: &[Entry<'_>]) -> Result<Vec<Told>, LinkFault> {
        let connection = self.connection().await?;
        let mut told = vec![Told::default(); entries.len()];
        let mut calls = JoinSet::new();
        for places in self.calls(entries) {
            let mut call = Call::new(&self.count, COUNT, places.len());
            for entry in places.iter().map(|place| &entries[*place]) {
                call.arg(self.key(entry));
            }
            for Entry { amount, period, burst, ask, .. } in places.iter().map(|place| &entries[*place]) {
                call.arg(format!("{amount}"));
                // Microseconds; the fraction counts where much comes back in each.
                call.arg(format!("{}.{:03}", period / 1000, period % 1000));
                for number in [*burst, ask.owed, ask.wanted, ask.returned] {
                    call.arg(format!("{number}"));
                }
                call.arg(format!("{}", ask.most));
            }
            let mut connection = connection.clone();
            let patience = self.reach.timeout;
            calls.spawn(async move {
                let answer = tokio::time::timeout(patience * 2, call.of::<Vec<i64>>(&mut connection)).await;
                (places, answer.unwrap_or(Err(LinkFault::Timeout)))
            });
        }
        let mut result = Ok(());
        while let Some(joined) = calls.join_next().await {
            let Ok((places, answer)) = joined else { return self.ended(Err(LinkFault::Malformed)) };
            match answer {
                Ok(numbers) if numbers.len() == places.len() * 2 => {
                    for (place, pair) in places.iter().zip(numbers.chunks_exact(2)) {
                        told[*place] = Told { granted: u64::try_from(pair[0]).unwrap_or_default(), balance: pair[1] };
                    }
                }
                Ok(_) => result = Err(LinkFault::Malformed),
                Err(fault) => result = Err(fault),
            }
        }
        self.ended(result.map(|()| told))
    }

    async fn presence(&mut self) -> Result<u64, LinkFault> {
        let mut connection = self.connection().await?;
        let mut call = Call::new(&self.presence, PRESENCE, 1);
        call.arg(format!("{}{{0}}:replicas", self.reach.name));
        call.arg(self.replica.clone());
        call.arg(GONE.to_string());
        let counted = tokio::time::timeout(self.reach.timeout * 2, call.of::<u64>(&mut connection))
            .await
            .unwrap_or(Err(LinkFault::Timeout));
        self.ended(counted)
    }
}
