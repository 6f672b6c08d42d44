//! The task that keeps what is in force in step with what lies on disk.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::signal::unix::Signal;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::attempt::{self, Candidate, InForce, Place, Refusal, TakenBack, Verdict, attempt};
use super::contents::{Contents, Group, owner};
use super::expiry::{self, Span};
use super::inotify::FileWatch;
use super::rollback::{self, Guard, Judgement};
use super::{Ask, Means, Orders, Outcome, Seen, last_good, told};
use crate::app::assembly::Assembled;
use crate::app::deliver;
use crate::audit::{Author, Trail};
use crate::delivery::Deliveries;
use crate::deploy::systemd;
use crate::edge::{Edge, TlsTerms};
use crate::gate::{Counts, Tally, Terms};
use crate::policy::settings::RollbackSettings;
use crate::redact::Redacted;
use crate::telemetry::log;

/// Attempts at a set of files that changes while it is read, before the next change or look.
const PATIENCE: u32 = 20;
/// Between two of these.
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps what is in force in step with what lies on disk.
pub(in crate::app) struct Keeper {
    place: Place,
    trail: Trail,
    edge: Arc<Edge>,
    operators: Arc<ArcSwapOption<TlsTerms>>,
    publish: watch::Sender<Arc<Terms>>,
    orders: Orders,
    current: InForce,
    /// What was refused last: said once, not at every look.
    refused: Option<Arc<Contents>>,
    taken_back: Option<TakenBack>,
    /// How long the certificates in force hold.
    spans: Vec<Span>,
    tallies: Arc<[Arc<Tally>]>,
    guard: Guard,
    /// What was in force before the changes that are on trial.
    proven: Option<InForce>,
    /// The start took the last good policy.
    recovered: bool,
    deliveries: Option<Deliveries>,
}

impl Keeper {
    /// Of a gate that was just assembled.
    pub fn new(means: Means, seen: Seen, assembled: Assembled) -> Self {
        let Means { provider, providers, clock, trail, edge, operators, publish, orders, tallies, deliveries, fence } =
            means;
        let Seen { path, contents, texts, recovered } = seen;
        let spans = expiry::spans(&assembled.terms.policy.files);
        orders.board.set_certificates(spans.iter().map(Span::told).collect());
        Self {
            place: Place { policy: path, provider, providers, clock, fence },
            trail,
            edge,
            operators,
            publish,
            orders,
            current: InForce { assembled, contents, texts },
            refused: None,
            taken_back: None,
            spans,
            tallies,
            guard: Guard::default(),
            proven: None,
            recovered,
            deliveries,
        }
    }

    /// Keeps, for as long as the gate serves.
    pub async fn keep(mut self, mut hangup: Signal) {
        let (files, told) = (watch_files(), Rc::new(Notify::new()));
        if let Some(files) = &files {
            let (files, told) = (Rc::clone(files), Rc::clone(&told));
            // On its own: a look that was begun is not to be given up because something else happened.
            tokio::task::spawn_local(async move {
                while files.changed().await.is_ok() {
                    told.notify_one();
                }
            });
        }
        if self.recovered {
            self.orders.counts.refuses.store(true, Ordering::Relaxed);
            let terms = &self.current.assembled.terms;
            log::error!("the policy is at fault; the last good one is in force", policy = &terms.policy.digest);
            told::recovered(&self.trail, &self.place, terms);
        } else {
            self.keep_last_good();
        }
        // What changed before the kernel was asked to tell of it.
        let mut first = true;
        let mut next_look = Instant::now();
        // A time of its own: a pause that began anew with every other reason would never end under a short `poll`.
        let mut next_judgement = Instant::now();
        loop {
            if let Some(files) = &files {
                let named = self.current.assembled.terms.policy.files.iter().filter(|file| file.is_reloadable());
                let policy = std::iter::once(self.place.policy.as_path());
                files.watch(policy.chain(named.map(|file| file.path.as_path())));
            }
            if std::mem::take(&mut first) || next_look <= Instant::now() {
                self.reload(None).await;
                let endings = expiry::say(&mut self.spans, self.place.clock.wall());
                told::ending(&self.trail, &self.place.clock, &self.current, &endings);
                next_look = Instant::now() + self.current.assembled.terms.policy.reload.poll;
            }
            let pause = self.budget().map(|budget| rollback::pause(&budget));
            // A shorter window may have come with a change.
            next_judgement = pause.map_or(next_judgement, |pause| next_judgement.min(Instant::now() + pause));
            self.once(&mut hangup, &told, next_look, pause.map(|_| next_judgement)).await;
            if let Some(pause) = pause
                && next_judgement <= Instant::now()
            {
                self.watch_over();
                next_judgement = Instant::now() + pause;
            }
        }
    }

    /// Waits for one reason to look, and looks.
    async fn once(&mut self, hangup: &mut Signal, told: &Notify, next_look: Instant, next_judgement: Option<Instant>) {
        let next = next_judgement.map_or(next_look, |judgement| judgement.min(next_look));
        tokio::select! {
            Some(Ask { author, answer }) = self.orders.asked.recv() => {
                let outcome = self.reload(Some(author)).await;
                // Who asked may not wait any more.
                let _ = answer.send(outcome);
            }
            Some(()) = hangup.recv() => {
                log::info!("SIGHUP: looking for changes");
                systemd::reloading();
                if self.reload(Some(Author::Signal)).await == Outcome::Unchanged {
                    log::info!("nothing has changed");
                }
                systemd::ready();
            }
            () = told.notified() => { self.reload(None).await; }
            () = tokio::time::sleep_until(next) => {}
        }
    }

    /// Takes up what lies on disk, and tells what came of it.
    async fn reload(&mut self, author: Option<Author>) -> Outcome {
        let who = author.as_ref().map(Author::shown);
        let outcome = self.look(author).await;
        if who.is_some() || outcome != Outcome::Unchanged {
            self.orders.board.looked(self.place.clock.wall(), outcome, who);
        }
        outcome
    }

    /// Takes up what lies on disk. Without an author it is the file's owner.
    async fn look(&mut self, author: Option<Author>) -> Outcome {
        for _ in 0..PATIENCE {
            let (place, current, bad) = (self.place.clone(), self.current.clone(), self.taken_back.clone());
            let looked = tokio::task::spawn_blocking(move || attempt(&place, &current, bad.as_ref())).await;
            match looked {
                Ok(Verdict::Moving) => tokio::time::sleep(PAUSE).await,
                Ok(Verdict::Same) => {
                    self.refused = None;
                    self.orders.counts.refuses.store(self.recovered, Ordering::Relaxed);
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
        let outcome = if refusal.needs_a_restart() { Outcome::NeedsRestart(count) } else { Outcome::Refused(count) };
        if author.is_none() && self.refused.as_ref() == Some(&refusal.contents) {
            return outcome;
        }
        self.orders.counts.refused.fetch_add(1, Ordering::Relaxed);
        self.orders.counts.refuses.store(true, Ordering::Relaxed);
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
        outcome
    }

    fn accept(&mut self, candidate: Candidate, author: Option<Author>) -> Outcome {
        let author = author.unwrap_or_else(|| self.owner(&candidate.next.contents));
        self.orders.counts.changed.fetch_add(1, Ordering::Relaxed);
        self.recovered = false;
        self.orders.counts.refuses.store(false, Ordering::Relaxed);
        self.orders.counts.changed_at.store(self.place.clock.wall().seconds(), Ordering::Relaxed);
        let Candidate { next, diff, spans } = candidate;
        let counts = self.counts();
        if !next.contents.same(&self.current.contents, Group::Certificates) {
            let mut spans = spans;
            expiry::carry(&self.spans, &mut spans);
            self.orders.board.set_certificates(spans.iter().map(Span::told).collect());
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
        told::accepted(&self.trail, &self.place.clock, [&before, &self.current], &author, changes);
        let generation = terms.generation;
        // A change that does away with the budget is held to the one that it does away with.
        match before.rollback().or(self.current.rollback()) {
            Some(budget) => {
                self.guard.begin(self.place.clock.ticks(), counts, budget);
                self.proven.get_or_insert(before);
            }
            None => self.keep_last_good(),
        }
        Outcome::Changed(generation)
    }

    /// The budget of what is on trial, or of what comes next.
    fn budget(&self) -> Option<RollbackSettings> {
        self.proven.as_ref().and_then(InForce::rollback).or(self.current.rollback())
    }

    /// All workers' counters.
    fn counts(&self) -> Counts {
        self.tallies.iter().fold(Counts::default(), |all, tally| all.and(tally.counts()))
    }

    /// Looks at what the last change does.
    fn watch_over(&mut self) {
        let Some(budget) = self.budget() else { return };
        let (now, counts) = (self.place.clock.ticks(), self.counts());
        self.guard.look(now, counts, &budget);
        match self.guard.judge(now, counts) {
            Judgement::Idle | Judgement::Waiting => {}
            Judgement::Passed => {
                self.proven = None;
                log::info!("the change has kept its budget", policy = &self.current.assembled.terms.policy.digest);
                self.keep_last_good();
            }
            Judgement::Exceeded(why) => self.take_back(why),
        }
    }

    /// Puts back what was in force before.
    fn take_back(&mut self, why: Redacted) {
        let Some(proven) = self.proven.take() else { return };
        self.orders.counts.taken_back.fetch_add(1, Ordering::Relaxed);
        self.orders.board.looked(self.place.clock.wall(), Outcome::TakenBack, Some(Author::Rollback.shown()));
        self.orders.counts.refuses.store(true, Ordering::Relaxed);
        self.orders.counts.changed_at.store(self.place.clock.wall().seconds(), Ordering::Relaxed);
        let proven = proven.after(&self.current);
        let bad = std::mem::replace(&mut self.current, proven);
        let files = bad.assembled.terms.policy.files.clone();
        self.taken_back = Some(TakenBack { files, contents: Arc::clone(&bad.contents) });
        self.publish();
        let terms = &self.current.assembled.terms;
        log::error!(
            "the change is taken back: it does more harm than its budget allows",
            why = &why,
            policy = &terms.policy.digest,
            taken_back = &bad.assembled.terms.policy.digest,
            generation = terms.generation,
        );
        told::accepted(&self.trail, &self.place.clock, [&bad, &self.current], &Author::Rollback, vec![why]);
    }

    /// Keeps what is in force for a start that finds a policy at fault.
    fn keep_last_good(&self) {
        let Some(settings) = self.current.assembled.terms.policy.reload.last_good.clone() else { return };
        let texts = Arc::clone(&self.current.texts);
        // Its end is not waited for: a slow disk holds no change up.
        tokio::task::spawn_blocking(move || {
            let path = settings.path.as_path();
            match last_good::save(&settings, &texts) {
                Ok(()) => log::debug!("the last good policy is kept", path = path),
                Err(fault) => log::error!("the last good policy cannot be kept", path = path, why = fault.what()),
            }
        });
    }

    /// Puts `current` in force: the handshake's terms first, so that whoever connects from now on is judged by them.
    fn publish(&self) {
        let Assembled { terms, tls, operators } = &self.current.assembled;
        self.edge.tls.store(Arc::clone(tls));
        self.operators.store(operators.clone());
        self.edge.slots.set_bounds(terms.policy.gate.connections);
        self.publish.send_replace(Arc::clone(terms));
        if let Some(deliveries) = &self.deliveries {
            deliver::renew(deliveries, terms);
        }
    }

    /// Whose change it is: the owner of a file that is not as it was.
    fn owner(&self, contents: &Contents) -> Author {
        let changed = contents.changed(&self.current.contents).next().map(|(path, _)| path.to_owned());
        Author::File(changed.as_deref().and_then(owner))
    }
}

fn watch_files() -> Option<Rc<FileWatch>> {
    match FileWatch::new() {
        Ok(files) => Some(Rc::new(files)),
        Err(fault) => {
            log::warn!(
                "the kernel does not tell of changed files; they are looked at from time to time",
                fault = &fault
            );
            None
        }
    }
}
