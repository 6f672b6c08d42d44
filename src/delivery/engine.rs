//! All sinks of a gate: one thread, a task for each.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_local;
use tokio::time::{Instant, timeout, timeout_at};

use super::desk::{Desk, Order};
use super::feed::Feed;
use super::herald::Herald;
use super::make::{MakeFault, Tools, receiver};
use super::pause::dice;
use super::place::Places;
use super::pump::Pump;
use super::shelf::Shelf;
use super::source::SpoolSource;
use super::status::Board;
use crate::audit::spool::{SpoolFault, WrappingKey, directory_name};
use crate::audit::{PolicyRecord, Trail};
use crate::policy::settings::{NetworkSink, SpoolSettings};
use crate::telemetry::log;

/// Commands that wait for the thread.
const COMMANDS: usize = 16;
/// What a sink that the policy does not have any more has to come to an end.
const QUIT: Duration = Duration::from_secs(3);
/// Between two times that retention is told what was not yet delivered.
const SAY: Duration = Duration::from_secs(10);
/// What it may take until all have told of what was left out.
const TELL: Duration = Duration::from_millis(300);

/// Why delivery cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryFault {
    /// A receiver.
    #[error("the sink {0}: {1}")]
    Make(String, MakeFault),
    /// The spool.
    #[error("{0}")]
    Spool(#[from] SpoolFault),
    /// The system gives no thread.
    #[error("delivery: the thread cannot be started: {0}")]
    Thread(io::Error),
}

/// What delivery is made of.
pub struct Outfit {
    /// `audit.spool`
    pub spool: SpoolSettings,
    /// The trail that goes on with the spool.
    pub trail: Trail,
    /// For receivers.
    pub tools: Tools,
    /// The policy in force.
    pub policy: Arc<PolicyRecord>,
}

/// Sinks, delivered to from the spool. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries {
    commands: mpsc::Sender<Command>,
    board: Arc<Board>,
    thread: Arc<parking_lot::Mutex<Option<JoinHandle<()>>>>,
}

enum Command {
    Renew(Vec<NetworkSink>, Arc<PolicyRecord>),
    Tell(oneshot::Sender<()>),
    Close(Duration),
}

/// Whether each of these can be made: their files are there and in order.
pub fn check<'s>(sinks: impl Iterator<Item = &'s NetworkSink>, tools: &Tools) -> Result<(), DeliveryFault> {
    for sink in sinks {
        receiver(sink, tools).map_err(|fault| DeliveryFault::Make(sink.name.as_str().to_owned(), fault))?;
    }
    Ok(())
}

impl Deliveries {
    /// Begins to deliver to `sinks`; to none, it waits for some.
    pub fn start(outfit: Outfit, sinks: Vec<NetworkSink>) -> Result<Self, DeliveryFault> {
        check(sinks.iter(), &outfit.tools)?;
        let key = Arc::new(WrappingKey::load(&outfit.spool.key)?);
        let directory = outfit.spool.path.join(directory_name(outfit.tools.instance.as_str()));
        let (commands, orders) = mpsc::channel(COMMANDS);
        let board = Arc::new(Board::default());
        let herald = Herald::new(outfit.trail, outfit.tools.clock.clone(), outfit.policy);
        let house = House {
            directory,
            key,
            tools: outfit.tools,
            herald,
            board: Arc::clone(&board),
            shelf: Shelf::default(),
            running: Vec::new(),
            wanted: 0,
        };
        let run = move || house.run(sinks, orders);
        let thread = thread::Builder::new().name("delivery".into()).spawn(run).map_err(DeliveryFault::Thread)?;
        Ok(Self { commands, board, thread: Arc::new(parking_lot::Mutex::new(Some(thread))) })
    }

    /// What is known of each sink.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// Another policy is in force: sinks that changed are begun anew, each where its cursor stands.
    pub fn renew(&self, sinks: Vec<NetworkSink>, policy: Arc<PolicyRecord>) {
        if self.commands.try_send(Command::Renew(sinks, policy)).is_err() {
            log::error!("changed sinks cannot be taken up; restart the gate");
        }
    }

    /// The trail is about to end: what of it sinks did not get is told in it. Blocks its thread for a moment.
    pub fn tell(&self) {
        let (told, wait) = oneshot::channel();
        if self.commands.try_send(Command::Tell(told)).is_ok() {
            // A thread that is gone tells nothing.
            let _ = wait.blocking_recv();
        }
    }

    /// The trail has its last record: delivers what there is, for at most `patience`, and ends. Blocks its thread. From
    /// the second call on nothing is done.
    pub fn close(&self, patience: Duration) {
        let Some(thread) = self.thread.lock().take() else { return };
        // A thread that is gone need not be told.
        let _ = self.commands.blocking_send(Command::Close(patience));
        if thread.join().is_err() {
            log::error!("delivery broke down; its records come again after the next start");
        }
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deliveries")
    }
}

/// The thread's state.
struct House {
    directory: PathBuf,
    key: Arc<WrappingKey>,
    tools: Tools,
    herald: Herald,
    board: Arc<Board>,
    shelf: Shelf,
    running: Vec<Running>,
    /// How many sinks the policy has.
    wanted: usize,
}

/// A sink's task.
struct Running {
    sink: Arc<NetworkSink>,
    orders: watch::Sender<Order>,
    task: tokio::task::JoinHandle<()>,
}

impl House {
    fn run(mut self, sinks: Vec<NetworkSink>, mut commands: mpsc::Receiver<Command>) {
        let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
        let Ok(runtime) = runtime else {
            log::error!("delivery could not start; records stay in the spool");
            return;
        };
        runtime.block_on(async {
            self.take_up(sinks).await;
            loop {
                self.herald.trail().keep_undelivered(self.board.undelivered(self.wanted));
                let command = match timeout(SAY, commands.recv()).await {
                    Err(_) => continue,
                    Ok(None) => return,
                    Ok(Some(command)) => command,
                };
                match command {
                    Command::Renew(sinks, policy) => {
                        self.herald.renew(policy);
                        self.take_up(sinks).await;
                        // A file that a sink waits for may be another one now.
                        self.order(Order::Run);
                    }
                    Command::Tell(told) => {
                        self.order(Order::Tell);
                        tokio::time::sleep(if self.running.is_empty() { Duration::ZERO } else { TELL }).await;
                        // Whoever asked may have gone.
                        let _ = told.send(());
                    }
                    Command::Close(patience) => {
                        self.close(patience).await;
                        return;
                    }
                }
            }
        });
    }

    fn order(&self, order: Order) {
        for running in &self.running {
            running.orders.send_replace(order);
        }
    }

    /// Ends what is not among `sinks` as it is, and begins what is new.
    async fn take_up(&mut self, sinks: Vec<NetworkSink>) {
        let (stay, gone): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.running).into_iter().partition(|running| sinks.contains(&running.sink));
        for mut running in gone {
            running.orders.send_replace(Order::Quit);
            if timeout(QUIT, &mut running.task).await.is_err() {
                running.task.abort();
            }
        }
        self.running = stay;
        self.wanted = sinks.len();
        let names: Vec<_> = sinks.iter().map(|sink| sink.name.clone()).collect();
        for sink in sinks {
            if !self.running.iter().any(|running| *running.sink == sink) {
                self.begin(Arc::new(sink));
            }
        }
        self.board.keep(&names);
    }

    fn begin(&mut self, sink: Arc<NetworkSink>) {
        let receiver = match receiver(&sink, &self.tools) {
            Ok(receiver) => receiver,
            Err(_) => {
                log::error!("a sink cannot be made; its records stay in the spool", sink = &sink.name);
                return;
            }
        };
        let (key, trail) = (Arc::clone(&self.key), self.herald.trail().clone());
        let mut source = match SpoolSource::open(&self.directory, key, trail, &self.shelf) {
            Ok(source) => source,
            Err(_) => {
                log::error!("a sink cannot be begun: the spool cannot be read", sink = &sink.name);
                return;
            }
        };
        let (orders, ordered) = watch::channel(Order::Run);
        let (places, board) = (Places::new(&self.directory), Arc::clone(&self.board));
        let mut desk = Desk::new(Arc::clone(&sink), places, self.herald.clone(), board, ordered);
        desk.begin(&mut source);
        desk.look(&source);
        let (epoch, next) = desk.position();
        let mut feed = Feed::new(Box::new(source), &sink);
        feed.seek(epoch, next);
        let pump = Pump::new(desk, feed, receiver, dice());
        self.running.push(Running { sink, orders, task: spawn_local(pump.run()) });
    }

    async fn close(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        self.order(Order::Drain);
        for running in &mut self.running {
            if timeout_at(end, &mut running.task).await.is_err() {
                running.orders.send_replace(Order::Quit);
            }
        }
        for mut running in std::mem::take(&mut self.running) {
            if !running.task.is_finished() && timeout(QUIT, &mut running.task).await.is_err() {
                running.task.abort();
            }
        }
        for status in self.board.statuses().into_iter().filter(|status| status.lag_records > 0) {
            log::warn!(
                "a sink lacks records; they come after the next start",
                sink = &status.name,
                records = status.lag_records
            );
        }
    }
}
