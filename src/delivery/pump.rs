//! The task of one sink: takes batches from its feed and gives them to its receiver, one exchange at a time, until it is
//! told to end.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::desk::{Desk, Order};
use super::feed::{Feed, Filter, Portion};
use super::given::Given;
use super::lookout::Lookout;
use super::pause::{Dice, Pause};
use super::receiver::{Answer, Batch, Receiver};
use super::status::State;
use super::work::{Verdict, Work};
use crate::audit::spool::SpoolFault;
use crate::telemetry::log;

/// Between two looks for new records, and at orders of an operator.
const POLL: Duration = Duration::from_millis(100);
/// Between two looks at the state of a sink that waits, or is waited for.
const LOOK: Duration = Duration::from_secs(1);
/// Between two tries of a receiver that takes nothing until a setting is changed.
const HELD: Duration = Duration::from_secs(60);
/// Furthest that a receiver may have delivery go back at once.
const MOST_BACK: u64 = 100_000;
/// A sink that is so old in seconds is worth looking ahead of.
const LAGGING: u64 = 5;
/// Slices looked ahead before each exchange of a sink that lags.
const SLICES: u32 = 16;
/// Failures after which a sink is given up at the gate's end, and the longest pause between them.
const LAST_TRIES: u32 = 3;
const LAST_PAUSE: Duration = Duration::from_millis(250);
/// What a receiver has to end its connection in order.
const FAREWELL: Duration = Duration::from_secs(2);

/// One sink at work.
pub struct Pump {
    desk: Desk,
    feed: Feed,
    receiver: Box<dyn Receiver>,
    lookout: Option<Lookout>,
    pause: Pause,
    given: Given,
    /// What was interrupted, and is gone on with: what it holds may have left the spool meanwhile.
    open: Option<(Work, Portion)>,
    /// Failures since the gate drains.
    last_failures: u32,
    /// The spool could not be read the last time.
    unreadable: bool,
}

/// How the delivery of a batch ended.
enum Flow {
    /// All of it is done with.
    Done,
    /// Not all: something else is to be done first.
    Interrupted,
    /// Delivery goes back.
    Back,
}

/// How a rest ended.
enum Rest {
    Over,
    Interrupted,
}

impl Pump {
    pub fn new(desk: Desk, feed: Feed, receiver: Box<dyn Receiver>, dice: Dice) -> Self {
        let pause = Pause::new(dice);
        Self {
            desk,
            feed,
            receiver,
            lookout: None,
            pause,
            given: Given::default(),
            open: None,
            last_failures: 0,
            unreadable: false,
        }
    }

    /// Delivers until it is told to end.
    pub async fn run(mut self) {
        while self.desk.order() != Order::Quit {
            if let Some(from) = self.desk.asked() {
                self.replay(from);
            }
            let idle = self.turn().await;
            self.desk.look(self.feed.source());
            if let Some(idle) = idle {
                let draining = self.desk.order() == Order::Drain;
                if draining {
                    break;
                }
                self.rest(idle).await;
            } else {
                // Batch by batch in turns, so that sinks which are near one another stay so.
                tokio::task::yield_now().await;
            }
        }
        // A receiver that does not end its connection in time has it cut.
        let _ = timeout(FAREWELL, self.receiver.close()).await;
        self.desk.turn(State::Stopped, self.desk.status().cause);
        self.desk.look(self.feed.source());
        self.desk.save();
    }

    /// One exchange, or how long there is nothing to do; at the gate's end, that there is nothing more to do.
    async fn turn(&mut self) -> Option<Duration> {
        if self.open.is_some() {
            if let Some(idle) = self.urgent_first().await {
                return idle;
            }
            if let Some((work, portion)) = self.open.take() {
                return self.deliver_portion(work, portion).await;
            }
        }
        if let Err(fault) = self.feed.fill() {
            return self.unread(&fault).await;
        }
        if std::mem::take(&mut self.unreadable) {
            log::info!("the spool can be read again", sink = &self.desk.sink.name);
        }
        self.desk.lacks_since(self.feed.oldest());
        let draining = self.desk.order() == Order::Drain;
        let Some(wait) = self.feed.wait(Instant::now()) else {
            self.desk.turn(State::Idle, None);
            return self.looked_after().await;
        };
        if !wait.is_zero() && !draining {
            return Some(wait.min(POLL));
        }
        if let Some(idle) = self.urgent_first().await {
            return idle;
        }
        let mut portion = self.feed.take();
        if portion.batch.is_empty() {
            // All of it was left out, or gone.
            let to = portion.to;
            self.desk.settle(&mut portion, to);
            return None;
        }
        let work = Work::new(std::mem::take(&mut portion.batch));
        self.deliver_portion(work, portion).await
    }

    /// Nothing is to be given over; what was given over may be lost all the same.
    async fn looked_after(&mut self) -> Option<Duration> {
        if let Some(Answer::Again { records, cause }) = self.receiver.look().await {
            let (_, stands) = self.desk.position();
            self.go_back(stands, true, records);
            self.desk.turn(State::Waiting, Some(cause));
            return None;
        }
        Some(POLL)
    }

    async fn deliver_portion(&mut self, mut work: Work, mut portion: Portion) -> Option<Duration> {
        let to = portion.to;
        match self.deliver(&mut work, Some(&mut portion)).await {
            Flow::Done => {
                self.desk.settle(&mut portion, to);
                None
            }
            Flow::Interrupted => {
                self.open = Some((work, portion));
                (self.desk.order() == Order::Drain && self.last_failures >= LAST_TRIES).then_some(POLL)
            }
            Flow::Back => None,
        }
    }

    /// Gives over what is urgent ahead of a sink that lags. `Some` if the turn ends with it.
    async fn urgent_first(&mut self) -> Option<Option<Duration>> {
        self.look_ahead(SLICES);
        let found = self.lookout.as_mut()?.take()?;
        match self.deliver(&mut Work::new(found), None).await {
            Flow::Done => None,
            Flow::Interrupted | Flow::Back => {
                Some((self.desk.order() == Order::Drain && self.last_failures >= LAST_TRIES).then_some(POLL))
            }
        }
    }

    /// Looks ahead of a sink that lags; whether there is more to look at.
    fn look_ahead(&mut self, slices: u32) -> bool {
        let status = self.desk.status();
        let lags = status.lag_seconds >= LAGGING && status.lag_records > self.desk.sink.batch.records as u64;
        if !lags {
            self.lookout = None;
            return false;
        }
        let lookout = self.lookout.get_or_insert_with(|| {
            Lookout::new(self.feed.source().another(), Filter::of(&self.desk.sink), self.feed.position())
        });
        lookout.look(slices)
    }

    /// Gives over all of `work`. What is done with of `portion` is settled before every wait.
    async fn deliver(&mut self, work: &mut Work, mut portion: Option<&mut Portion>) -> Flow {
        while let Some(piece) = work.next() {
            let Some(answer) = self.exchange(piece).await else { return Flow::Interrupted };
            let in_turn = portion.is_some();
            let epoch = portion.as_ref().and_then(|portion| portion.epoch);
            let (first, count) = piece.span().map_or((0, 0), |(first, _)| (first, piece.len() as u64));
            let taken = answer == Answer::Taken;
            let desk = &mut self.desk;
            // What is refused ahead of its turn is refused once more in it, and counted then.
            let verdict = work.judge(answer, |refusal| {
                if in_turn {
                    desk.refused(epoch, refusal);
                }
            });
            let (wait, state, cause) = match verdict {
                Verdict::Go => {
                    if taken && in_turn {
                        self.given.note(first, count);
                    }
                    self.pause.reset();
                    self.desk.turn(State::Delivering, None);
                    self.desk.look(self.feed.source());
                    continue;
                }
                Verdict::Wait { after, cause } => (self.pause.next(after), State::Waiting, cause),
                Verdict::Hold { cause } => (HELD, State::Held, cause),
                Verdict::Back { records, cause } => {
                    self.go_back(first, in_turn, records);
                    (self.pause.next(None), State::Waiting, cause)
                }
            };
            if let (Some(portion), Some(open)) = (portion.as_deref_mut(), work.open())
                && !matches!(verdict, Verdict::Back { .. })
            {
                self.desk.settle(portion, open);
            }
            self.desk.turn(state, Some(cause));
            let rest = self.rest_after_failure(wait).await;
            if matches!(verdict, Verdict::Back { .. }) {
                return Flow::Back;
            }
            // What was found ahead meanwhile goes first.
            let found = in_turn && self.lookout.as_ref().is_some_and(Lookout::has_found);
            if found || matches!(rest, Rest::Interrupted) {
                return Flow::Interrupted;
            }
        }
        Flow::Done
    }

    /// One exchange; `None` if the task is told to end.
    async fn exchange(&mut self, piece: &Batch) -> Option<Answer> {
        let Self { desk, feed, receiver, .. } = self;
        let mut exchange = receiver.deliver(piece);
        loop {
            tokio::select! {
                biased;
                answer = &mut exchange => {
                    desk.exchanged();
                    return Some(answer);
                }
                () = desk.ordered() => if desk.order() == Order::Quit {
                    return None;
                },
                () = tokio::time::sleep(LOOK) => {}
            }
            desk.look(feed.source());
        }
    }

    /// What was given over before may not have come: goes back by `records` before the record `first`, or in the
    /// priority lane, before where the sink stands.
    fn go_back(&mut self, first: u64, in_turn: bool, records: u64) {
        let (epoch, stands) = self.desk.position();
        let from = if in_turn { first } else { stands };
        let to = self.given.back(from, records.min(MOST_BACK)).min(stands.max(1));
        self.desk.stands(epoch, to);
        self.feed.seek(epoch, to);
        self.open = None;
    }

    async fn rest_after_failure(&mut self, wait: Duration) -> Rest {
        if self.desk.order() != Order::Drain {
            return self.rest(wait).await;
        }
        self.last_failures += 1;
        if self.last_failures >= LAST_TRIES {
            return Rest::Interrupted;
        }
        self.rest(wait.min(LAST_PAUSE)).await
    }

    /// Waits, and looks after the sink meanwhile. An order, or an operator's request, ends it.
    async fn rest(&mut self, wait: Duration) -> Rest {
        let (end, order) = (Instant::now() + wait, self.desk.order());
        loop {
            self.desk.look(self.feed.source());
            let more = wait > LOOK && self.look_ahead(SLICES);
            let now = Instant::now();
            if now >= end {
                return Rest::Over;
            }
            let step = if more { now + POLL / 5 } else { now + LOOK };
            let told = tokio::select! {
                () = sleep_until(step.min(end)) => false,
                () = self.desk.ordered() => true,
            };
            match self.desk.order() {
                // Something was changed that may be what was wrong.
                Order::Run if told => return Rest::Over,
                Order::Quit => return Rest::Interrupted,
                // What is waited for is tried once more before the end.
                Order::Drain if order != Order::Drain => return Rest::Over,
                _ => {}
            }
            if wait > LOOK && self.desk.asked().is_some() {
                return Rest::Interrupted;
            }
        }
    }

    /// The spool cannot be read: with a wrong key until somebody gives the right one, else for now.
    async fn unread(&mut self, fault: &SpoolFault) -> Option<Duration> {
        let (state, cause) = match fault {
            SpoolFault::WrongKey { .. } | SpoolFault::Key(_) => (State::Held, "spool_key"),
            _ => (State::Waiting, "spool_unreadable"),
        };
        self.unreadable = true;
        let draining = self.desk.order() == Order::Drain;
        self.desk.turn(state, Some(cause));
        let (epoch, next) = self.desk.position();
        self.feed.seek(epoch, next);
        let wait = self.pause.next(None);
        self.rest(wait).await;
        draining.then_some(POLL)
    }

    fn replay(&mut self, from: u64) {
        let (epoch, next) = self.desk.position();
        // Forward would be a gap that nobody declares.
        let from = from.clamp(1, next.max(1));
        self.desk.replay(epoch, from);
        self.feed.seek(epoch, from);
        (self.open, self.lookout) = (None, None);
    }
}
