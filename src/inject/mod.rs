//! A manifest with the gate in it, by splicing: whatever is not changed keeps its bytes, comments and order included.
//!
//! The gate comes as a native sidecar, an init container with `restartPolicy: Always` (on by default since Kubernetes
//! 1.29): it is ready before the app starts, outlives it, and does not keep a Job from ending. What is replaced is kept
//! in an annotation, from which [`remove`] gives back the file byte for byte; a result that does not come back is not
//! given out.

mod close;
mod edit;
mod fault;
mod probes;
mod sidecar;
mod splice;
mod tree;
mod undo;
mod workload;
mod write;

#[cfg(test)]
mod tests;

pub use fault::Fault;

/// Largest file that is read.
pub const MAX_BYTES: u64 = tree::MAX_BYTES;
/// The annotation that holds what was replaced. It is also how an injected pod is known.
pub const ANNOTATION: &str = "portcullis/injected";

/// What goes in.
#[derive(Clone, Debug)]
pub struct Options {
    /// The gate's image.
    pub image: String,
    /// The image with `nft` that closes the app's ports.
    pub close_image: String,
    /// The ConfigMap with the policies.
    pub policies: String,
    /// The Secret with keys and certificates.
    pub keys: String,
    /// The app's port; if it declares one alone, that one.
    pub app_port: Option<u16>,
    /// The port that the policy's `gate.listen` has.
    pub gate_port: u16,
    /// The port of health and probes.
    pub health_port: u16,
    /// How the app's ports are closed.
    pub close: Close,
    /// Ports that stay open beside the gate's.
    pub open_ports: Vec<u16>,
    /// Where the spool is.
    pub spool: Spool,
    /// Least seconds that the pod has to end: more than the gate's `gate.timeouts.drain`.
    pub grace: u32,
}

/// How the app's ports are closed to other pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// An init container loads rules into the pod's network namespace.
    Nftables,
    /// The app listens on loopback alone, on its own or because a variable tells it to.
    Loopback(Option<(String, String)>),
}

/// The volume of the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spool {
    /// Gone with the pod.
    Empty {
        /// As Kubernetes writes amounts.
        size: String,
    },
    /// A PersistentVolumeClaim.
    Claim(String),
}

/// A manifest, changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injected {
    /// The whole file.
    pub text: String,
    /// What runs pods in it, by kind and name.
    pub workloads: Vec<String>,
    /// What its owner should know.
    pub notes: Vec<String>,
}

/// Puts the gate into everything that runs pods in a file. What is in it already is taken out first, so that doing it
/// twice is doing it once, and other options replace those of before.
pub fn inject(text: &str, options: &Options) -> Result<Injected, Fault> {
    let base = remove(text)?;
    let roots = tree::read(&base)?;
    let workloads = workload::find(&base, &roots)?;
    let mut edits = edit::Edits::new(&base);
    let mut notes = Vec::new();
    for workload in &workloads {
        splice::splice(&mut edits, workload, options, &mut notes)?;
    }
    let text = edits.apply().ok_or_else(|| unsound("two changes meet in one place"))?;
    // What cannot be taken out again must not go in, and what cannot be found again is not there.
    let again = tree::read(&text).map_err(|fault| unsound(&fault.what))?;
    let injected = workload::find(&text, &again).map_err(|fault| unsound(&fault.what))?;
    if injected.len() != workloads.len() || !injected.iter().all(undo::is_complete) || remove(&text)? != base {
        return Err(unsound("the way back would not give the same file"));
    }
    let workloads = workloads.into_iter().map(|workload| workload.name).collect();
    Ok(Injected { text, workloads, notes })
}

/// The file without the gate, as it was before.
pub fn remove(text: &str) -> Result<String, Fault> {
    let roots = tree::read(text)?;
    let mut edits = edit::Edits::new(text);
    for workload in &workload::find(text, &roots)? {
        undo::undo(&mut edits, workload)?;
    }
    edits.apply().ok_or_else(|| unsound("two changes meet in one place"))
}

fn unsound(why: &str) -> Fault {
    Fault::whole(format!("the manifest cannot be spliced safely: {why}"))
        .help("write the pod's template in plain block style (`kubectl create --dry-run=client -o yaml -f FILE` does)")
}
