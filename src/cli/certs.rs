//! `portcullis certs dev`: everything that a policy names under `certs/`, for a laptop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::files::{self, FileFault, PUBLIC, SECRET};
use crate::identity::dev::{DevPki, dev_pki};

/// Make certificates.
#[derive(Args)]
pub struct Certs {
    #[command(subcommand)]
    command: CertsCommand,
}

#[derive(Subcommand)]
enum CertsCommand {
    /// Make a development PKI: authorities, the gate's certificate, two clients, an identity provider's key
    Dev(Dev),
}

/// Make a development PKI. Not for production: its authorities' keys are thrown away, its certificates end after 90 days.
#[derive(Args)]
struct Dev {
    /// Where the files go
    #[arg(long, default_value = "certs", value_name = "DIRECTORY")]
    dir: PathBuf,
    /// Another host name or address for the gate's certificate, besides localhost, 127.0.0.1 and ::1
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
}

impl Certs {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let CertsCommand::Dev(dev) = self.command;
        dev.run()
    }
}

impl Dev {
    fn run(self) -> ExitCode {
        let pki = match dev_pki(&self.names) {
            Ok(pki) => pki,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                return ExitCode::from(2);
            }
        };
        match write_pki(&pki, &self.dir, self.force) {
            Ok(made) => {
                let width = made.iter().map(|(path, _)| path.as_os_str().len()).max().unwrap_or_default();
                let line = |(path, what): &(PathBuf, _)| format!("{:width$}  {what}", path.display().to_string());
                let lines: Vec<String> = made.iter().map(line).collect();
                if let Err(fault) = files::say(&lines.join("\n")) {
                    eprintln!("portcullis: {fault}");
                    return ExitCode::FAILURE;
                }
                eprintln!("For development only. Keep the .key files to yourself, and out of version control.");
                ExitCode::SUCCESS
            }
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Writes a development PKI into a directory: all of it or, if a file is there and `force` is not given, nothing.
/// Returns what was made.
pub(super) fn write_pki(
    pki: &DevPki,
    directory: &Path,
    force: bool,
) -> Result<Vec<(PathBuf, &'static str)>, FileFault> {
    let files: [(&str, &str, u32, &str); 12] = [
        ("ca.pem", &pki.ca, PUBLIC, "the authority of the gate's certificate; clients trust it"),
        ("gate.pem", &pki.gate.certificate, PUBLIC, "the gate's certificate"),
        ("gate.key", &pki.gate.key, SECRET, "its key"),
        ("clients-ca.pem", &pki.clients_ca, PUBLIC, "the authority of client certificates; the gate trusts it"),
        ("client.pem", &pki.client.certificate, PUBLIC, "a client, spiffe://seller/picker"),
        ("client.key", &pki.client.key, SECRET, "its key"),
        ("operator.pem", &pki.operator.certificate, PUBLIC, "a client, spiffe://seller/sre"),
        ("operator.key", &pki.operator.key, SECRET, "its key"),
        ("jwks.json", &pki.idp.jwks, PUBLIC, "the identity provider's public key"),
        ("idp.key", &pki.idp.key, SECRET, "its key, for `portcullis keys token`"),
        ("assertion.key", &pki.assertion_key, SECRET, "the key of assertions to the app"),
        ("pseudonym.key", &pki.pseudonym_key, SECRET, "the key of pseudonyms in records"),
    ];
    files::directory(directory)?;
    if !force && let Some((name, ..)) = files.iter().find(|(name, ..)| directory.join(name).exists()) {
        return Err(FileFault::Exists(directory.join(name)));
    }
    let mut made = Vec::new();
    for (name, contents, mode, what) in files {
        let path = directory.join(name);
        files::write(&path, contents, mode, force)?;
        made.push((path, what));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pki_is_written_whole_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let pki = dev_pki(&["gate.test".into()]).expect("a PKI");
        std::fs::write(directory.path().join("idp.key"), "mine").expect("written");
        assert!(
            matches!(write_pki(&pki, directory.path(), false), Err(FileFault::Exists(path)) if path.ends_with("idp.key"))
        );
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1);
        let made = write_pki(&pki, directory.path(), true).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(made.len(), 12);
        for name in ["gate.key", "client.key", "idp.key", "assertion.key"] {
            let path = directory.path().join(name);
            assert!(crate::identity::secret_file::pkcs8(&path).is_ok(), "{name}");
        }
        assert!(crate::identity::secret_file::symmetric(&directory.path().join("pseudonym.key")).is_ok());
    }
}
