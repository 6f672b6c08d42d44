//! `portcullis inject`: a Kubernetes manifest with the gate in it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::inject::{Close, MAX_BYTES, Options, Spool, inject, remove};

/// Put the gate into Kubernetes manifests, as a native sidecar in front of the app.
///
/// Deployments, StatefulSets, DaemonSets, Jobs, CronJobs and Pods get it, alone, in files of several documents and in
/// Lists; everything else passes through as it stands. Comments, order and quotes stay. The app's probes are led
/// through the gate, its port is closed to everybody else, and a Service that targets it by name reaches the gate.
///
/// The result goes to standard output, what its owner should know to standard error. Doing it twice is doing it once;
/// `--remove` gives back the file as it was.
#[derive(Args, Debug)]
pub struct Inject {
    /// A manifest, `-` for standard input; may be given several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// ConfigMap with the policies, one key for each file
    #[arg(long, value_name = "NAME", default_value = "portcullis-policies", value_parser = object_name)]
    policy_configmap: String,
    /// Secret with keys and certificates, which policies find below `certs/`
    #[arg(long, value_name = "NAME", default_value = "portcullis-keys", value_parser = object_name)]
    keys_secret: String,
    /// The gate's image
    #[arg(long, value_name = "IMAGE", default_value = concat!("portcullis:", env!("CARGO_PKG_VERSION")), value_parser = one_line)]
    image: String,
    /// Port of the app; needed if the manifest declares none or several
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    app_port: Option<u16>,
    /// Port of the policy's `gate.listen`
    #[arg(long, value_name = "PORT", default_value = "8443", value_parser = clap::value_parser!(u16).range(1..))]
    gate_port: u16,
    /// Port of the policy's `health.listen`
    #[arg(long, value_name = "PORT", default_value = "9080", value_parser = clap::value_parser!(u16).range(1..))]
    health_port: u16,
    /// How the gate stands to the app
    #[arg(long, value_enum, default_value = "sidecar")]
    mode: Mode,
    /// How the app's ports are closed to other pods
    #[arg(long, value_enum, default_value = "nftables")]
    close: How,
    /// A variable that makes the app listen on loopback alone, such as HOST=127.0.0.1; implies `--close loopback`
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    loopback_env: Option<(String, String)>,
    /// Image with `nft`, for the init container that closes ports
    #[arg(long, value_name = "IMAGE", default_value = concat!("portcullis-nft:", env!("CARGO_PKG_VERSION")), value_parser = one_line)]
    close_image: String,
    /// A port of the pod that stays open beside the gate's; may be given several times
    #[arg(long = "open-port", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    open_ports: Vec<u16>,
    /// Most that the spool may take of the node's disk, where it has no claim
    #[arg(long, value_name = "AMOUNT", default_value = "1Gi", value_parser = amount, conflicts_with = "spool_claim")]
    spool_size: String,
    /// PersistentVolumeClaim for the spool; without it, records that no sink has taken are gone with the pod
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    spool_claim: Option<String>,
    /// Seconds that the pod has at least to end; more than `gate.timeouts.drain`, its delay, and 15 for the last records
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    grace: u32,
    /// Take the gate out again
    #[arg(long)]
    remove: bool,
    /// Change nothing and print nothing; fail if a file would change
    #[arg(long)]
    check: bool,
    /// Write the result into the files
    #[arg(long, conflicts_with = "check")]
    write: bool,
}

/// How the gate stands to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// In the same pod. A gateway of its own is in `deploy/kubernetes/overlays/gateway`.
    Sidecar,
}

/// How the app's ports are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    /// An init container with NET_ADMIN loads rules
    Nftables,
    /// The app listens on loopback alone
    Loopback,
}

impl Inject {
    /// Injects. 0 if all is well, 1 for a manifest that cannot be spliced and, with `--check`, for one that would
    /// change; 2 if there is nothing to read.
    pub fn run(self) -> ExitCode {
        let Mode::Sidecar = self.mode;
        let options = self.options();
        if self.write && self.files.iter().any(|file| file.as_os_str() == "-") {
            eprintln!("`--write` has nowhere to write what came from standard input");
            return ExitCode::from(2);
        }
        let mut results = Vec::new();
        for path in &self.files {
            let text = match read(path) {
                Ok(text) => text,
                Err(error) => {
                    eprintln!("{} cannot be read: {error}", path.display());
                    return ExitCode::from(2);
                }
            };
            match self.one(path, &text, &options) {
                Ok(result) => results.push((path, text, result)),
                Err(fault) => {
                    eprintln!("{}:{fault}", path.display());
                    return ExitCode::FAILURE;
                }
            }
        }
        if self.check {
            return check(&results);
        }
        if self.write { write(&results) } else { print(results.into_iter().map(|(.., result)| result)) }
    }

    fn options(&self) -> Options {
        let loopback = self.close == How::Loopback || self.loopback_env.is_some();
        Options {
            image: self.image.clone(),
            close_image: self.close_image.clone(),
            policies: self.policy_configmap.clone(),
            keys: self.keys_secret.clone(),
            app_port: self.app_port,
            gate_port: self.gate_port,
            health_port: self.health_port,
            close: if loopback { Close::Loopback(self.loopback_env.clone()) } else { Close::Nftables },
            open_ports: self.open_ports.clone(),
            spool: match &self.spool_claim {
                Some(name) => Spool::Claim(name.clone()),
                None => Spool::Empty { size: self.spool_size.clone() },
            },
            grace: self.grace,
        }
    }

    fn one(&self, path: &Path, text: &str, options: &Options) -> Result<String, crate::inject::Fault> {
        if self.remove {
            return remove(text);
        }
        let injected = inject(text, options)?;
        if injected.workloads.is_empty() {
            eprintln!("{}: nothing in it runs pods; it passes as it stands", path.display());
        }
        if !self.check {
            injected.notes.iter().for_each(|note| eprintln!("note: {note}"));
        }
        Ok(injected.text)
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES + 1;
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

fn check(results: &[(&PathBuf, String, String)]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (path, before, after) in results {
        if before != after {
            eprintln!("{} would change", path.display());
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn write(results: &[(&PathBuf, String, String)]) -> ExitCode {
    for (path, before, after) in results {
        if before == after {
            continue;
        }
        if let Err(error) = fs::write(path, after) {
            eprintln!("{} cannot be written: {error}", path.display());
            return ExitCode::FAILURE;
        }
        eprintln!("{}", path.display());
    }
    ExitCode::SUCCESS
}

/// One file as it is; several as documents of one stream.
fn print(results: impl Iterator<Item = String>) -> ExitCode {
    let mut out = String::new();
    for text in results {
        if !out.is_empty() && !text.starts_with("---") {
            let end = if out.ends_with('\n') { "" } else { "\n" };
            out.push_str(end);
            out.push_str("---\n");
        }
        out.push_str(&text);
    }
    super::answer(&out, ExitCode::SUCCESS)
}

/// A name of an object (RFC 1123 subdomain).
fn object_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (1..=253).contains(&text.len()) && text.chars().all(fits) && text.starts_with(ends) && text.ends_with(ends) {
        Ok(text.to_owned())
    } else {
        Err("a name is of lower-case letters, digits, `-` and `.`".to_owned())
    }
}

fn one_line(text: &str) -> Result<String, String> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if is_plain {
        Ok(text.to_owned())
    } else {
        Err("an image is written as REGISTRY/NAME:TAG or with @sha256:".to_owned())
    }
}

fn amount(text: &str) -> Result<String, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let known = ["", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"].contains(&unit);
    if known && digits.parse::<u64>().is_ok_and(|number| number > 0) {
        Ok(text.to_owned())
    } else {
        Err("an amount is a number with Mi, Gi or the like, such as 512Mi".to_owned())
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a variable is written NAME=VALUE")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a variable's name is of letters, digits and `_`".to_owned());
    }
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err("a variable's value is one line of text".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}
