//! `portcullis keys`: keys for the gate, API keys for callers, and tokens to try things with.

mod api;
mod rotate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use super::files::{self, SECRET};
use super::roster::RosterCommand;
use crate::clock::Clock;
use crate::identity::dev::{self, DevFault, SecretText, TokenRequest};
use crate::identity::secret_file;
use crate::redact::Name;

/// Longest life of a development token: a working day and some.
const MAX_TOKEN_SECONDS: i64 = 24 * 3600;

/// Make keys, API keys and development tokens.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a key file
    New(NewKey),
    /// Add a generation to a directory of pseudonym keys
    Rotate(rotate::Rotate),
    /// API keys
    Api(api::Api),
    /// Print the public halves of assertion keys as a JWK set (RFC 7517), for the app
    Jwks(Jwks),
    /// Whose signatures under the audit trail count
    Roster(RosterCommand),
    /// Print a token signed with a development identity provider's key
    Token(Token),
}

#[derive(Clone, Copy, ValueEnum)]
enum Purpose {
    /// 256 random bits: `redaction.key`
    Pseudonym,
    /// 256 random bits: `shared.key`, the same for all replicas
    Shared,
    /// 256 random bits: `audit.spool.key`
    Audit,
    /// 256 random bits: `reload.last_good.key`
    LastGood,
    /// Ed25519: `audit.signing_key`
    Signing,
    /// P-256: `gate.assertion.key`
    Assertion,
    /// P-256: a key for a certificate request
    Tls,
}

#[derive(Args)]
struct NewKey {
    /// What the key is for
    purpose: Purpose,
    /// The file to make, mode 0600
    path: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
struct Jwks {
    /// Key files as of `gate.assertion.key`: the one in use, and those before and after it
    #[arg(required = true, value_name = "KEY", num_args = 1..=16)]
    keys: Vec<PathBuf>,
}

#[derive(Args)]
struct Token {
    /// The identity provider's key, as `portcullis certs dev` makes it
    #[arg(long, default_value = "certs/idp.key")]
    key: PathBuf,
    /// `iss`, as in `callers[].token.issuer`
    #[arg(long)]
    issuer: String,
    /// `aud`, as in `callers[].token.audience`
    #[arg(long)]
    audience: String,
    /// `sub`: who calls
    #[arg(long)]
    subject: String,
    /// A group, in the claim `roles`; may be given more than once
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Say that a second factor was passed just now
    #[arg(long)]
    mfa: bool,
    /// How long the token is valid, at most a day
    #[arg(long, default_value = "1h", value_parser = lifetime, value_name = "DURATION")]
    ttl: u64,
}

/// A sentence for standard error.
type Complaint = String;

impl Keys {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            KeysCommand::New(new) => new.run(),
            KeysCommand::Rotate(rotate) => rotate.run(),
            KeysCommand::Api(api) => api.run(),
            KeysCommand::Jwks(jwks) => jwks.run(),
            KeysCommand::Roster(roster) => roster.run(),
            KeysCommand::Token(token) => token.run(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(complaint) => {
                eprintln!("portcullis: {complaint}");
                ExitCode::FAILURE
            }
        }
    }
}

impl NewKey {
    fn run(self) -> Result<(), Complaint> {
        let key: Result<SecretText, DevFault> = match self.purpose {
            Purpose::Pseudonym => rotate::first(),
            Purpose::Audit | Purpose::LastGood | Purpose::Shared => dev::symmetric_key(),
            Purpose::Signing => dev::ed25519_key(),
            Purpose::Assertion | Purpose::Tls => dev::p256_key(),
        };
        let key = key.map_err(|fault| fault.to_string())?;
        files::write(&self.path, &key, SECRET, self.force).map_err(|fault| fault.to_string())?;
        files::say(&self.path.display().to_string()).map_err(|fault| fault.to_string())
    }
}

impl Jwks {
    fn run(self) -> Result<(), Complaint> {
        let set = dev::assertion_key_set(&self.keys).map_err(|fault| fault.to_string())?;
        files::say(&format!("{set:#}")).map_err(|fault| fault.to_string())
    }
}

impl Token {
    fn run(self) -> Result<(), Complaint> {
        let pem = secret_file::read(&self.key, secret_file::MAX_KEY_BYTES).map_err(|fault| fault.to_string())?;
        let pem = std::str::from_utf8(&pem).map_err(|_| format!("{} is not PEM text", self.key.display()))?;
        let request = TokenRequest {
            issuer: &self.issuer,
            audience: &self.audience,
            subject: &self.subject,
            groups: &self.groups,
            mfa: self.mfa,
            now: Clock::system().wall().seconds(),
            lifetime: self.ttl,
        };
        let token = dev::mint_token(pem, &request).map_err(|fault| format!("{}: {fault}", self.key.display()))?;
        files::say(&token).map_err(|fault| fault.to_string())
    }
}

fn name(text: &str) -> Result<Name, String> {
    Name::configured(text).map_err(|fault| format!("this cannot be a name, it {fault}"))
}

fn lifetime(text: &str) -> Result<u64, String> {
    let complaint = || "give a duration from 1s to 24h, such as 15m".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| complaint())?;
    let seconds = duration.as_secs();
    if !(1..=MAX_TOKEN_SECONDS).contains(&seconds) {
        return Err(complaint());
    }
    u64::try_from(seconds).map_err(|_| complaint())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::identity::pseudonym_keys;

    #[derive(clap::Parser)]
    struct CommandLine {
        #[command(flatten)]
        keys: Keys,
    }

    fn run(arguments: &[&str]) -> ExitCode {
        CommandLine::parse_from(["keys"].iter().chain(arguments)).keys.run()
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_purpose_makes_a_key_that_reads_back() {
        let directory = tempfile::tempdir().expect("a directory");
        for purpose in ["pseudonym", "shared", "audit", "last-good", "signing", "assertion", "tls"] {
            let path = directory.path().join(purpose);
            let text = path.to_str().expect("UTF-8");
            assert_eq!(run(&["new", purpose, text]), ExitCode::SUCCESS);
            assert_eq!(run(&["new", purpose, text]), ExitCode::FAILURE, "it is not replaced");
            match purpose {
                "pseudonym" => assert!(pseudonym_keys::load(&path).is_ok_and(|keys| keys[0].id() == 1)),
                "shared" | "audit" | "last-good" => assert!(secret_file::symmetric(&path).is_ok()),
                _ => assert!(secret_file::pkcs8(&path).is_ok()),
            }
        }
    }

    #[test]
    fn lifetimes_are_bounded() {
        assert_eq!(lifetime("1h"), Ok(3600));
        assert_eq!(lifetime("90s"), Ok(90));
        for bad in ["", "0s", "-1h", "25h", "1", "forever", "9999999999999999999h"] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }
}
