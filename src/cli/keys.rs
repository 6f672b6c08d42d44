//! `portcullis keys`: keys for the gate, API keys for callers, and tokens to try things with.

mod rotate;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;
use jiff::civil::Date;

use super::files::{self, PUBLIC, SECRET};
use crate::clock::Clock;
use crate::identity::dev::{self, DevFault, NewApiKey, SecretText, TokenRequest};
use crate::identity::secret_file;
use crate::redact::Name;

/// Longest life of a development token: a working day and some.
const MAX_TOKEN_SECONDS: i64 = 24 * 3600;
/// Longest file of digests that is edited here, as in the gate.
const MAX_API_KEY_FILE: usize = 2 * 1024 * 1024;

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
    Api(Api),
    /// Print a token signed with a development identity provider's key
    Token(Token),
}

#[derive(Clone, Copy, ValueEnum)]
enum Purpose {
    /// 256 random bits: `redaction.key`
    Pseudonym,
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
struct Api {
    #[command(subcommand)]
    command: ApiCommand,
}

#[derive(Subcommand)]
enum ApiCommand {
    /// Make an API key: print it once, and add its digest to a file
    New(NewApi),
}

#[derive(Args)]
struct NewApi {
    /// Whose key it is, as `key:<name>` in `roles.*.members`
    #[arg(long, value_parser = name)]
    caller: Name,
    /// The file of digests; made if it is not there
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
    /// The day from which on the key is not valid any more, UTC
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// A group of the caller, as `group:<name>` in `roles.*.members`; may be given more than once
    #[arg(long = "group", value_name = "NAME", value_parser = name)]
    groups: Vec<Name>,
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
            KeysCommand::Api(Api { command: ApiCommand::New(new) }) => new.run(),
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
            Purpose::Audit | Purpose::LastGood => dev::symmetric_key(),
            Purpose::Signing => dev::ed25519_key(),
            Purpose::Assertion | Purpose::Tls => dev::p256_key(),
        };
        let key = key.map_err(|fault| fault.to_string())?;
        files::write(&self.path, &key, SECRET, self.force).map_err(|fault| fault.to_string())?;
        files::say(&self.path.display().to_string()).map_err(|fault| fault.to_string())
    }
}

impl NewApi {
    fn run(self) -> Result<(), Complaint> {
        let made = dev::api_key(&self.caller, self.expires, &self.groups).map_err(|fault| fault.to_string())?;
        add_entry(&self.file, &made)?;
        files::say(&made.key).map_err(|fault| fault.to_string())?;
        eprintln!(
            "This is the only time that the key is shown. Its digest is in {}; reload the gate to let it in.",
            self.file.display()
        );
        Ok(())
    }
}

/// Adds an entry at the end of a file of digests, and makes sure that the file reads as before with one key more.
fn add_entry(file: &Path, made: &NewApiKey) -> Result<(), Complaint> {
    match fs::metadata(file) {
        Ok(metadata) => {
            let bytes = secret_file::read_public(file, MAX_API_KEY_FILE).map_err(|fault| fault.to_string())?;
            let mut text =
                String::from_utf8(bytes.to_vec()).map_err(|_| format!("{} is not UTF-8 text", file.display()))?;
            let before = dev::count_api_keys(file, &text).map_err(|fault| fault.to_string())?;
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&made.entry);
            if dev::count_api_keys(file, &text).ok() != Some(before + 1) {
                return Err(format!(
                    "{} was left as it is, since an entry cannot follow at its end; write its keys one below the \
                     other, each as `  - caller: …`, and run the command again",
                    file.display()
                ));
            }
            files::replace(file, &text, metadata.mode() & 0o777).map_err(|fault| fault.to_string())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text =
                format!("# Digests of API keys, never keys. Made by `portcullis keys api new`.\nkeys:\n{}", made.entry);
            files::write(file, &text, PUBLIC, false).map_err(|fault| fault.to_string())
        }
        Err(error) => Err(format!("{} cannot be examined: {error}", file.display())),
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
    fn api_keys_are_added_one_by_one_and_keys_are_not_in_the_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("policies/api-keys.yaml");
        for count in 1..=3 {
            let made = dev::api_key(&name("sync").expect("a name"), None, &[]).expect("a key");
            add_entry(&file, &made).expect("added");
            let text = fs::read_to_string(&file).expect("read");
            assert_eq!(dev::count_api_keys(&file, &text).ok(), Some(count));
            assert!(!text.contains(&made.key[4..20]));
        }
    }

    #[test]
    fn a_file_in_flow_style_is_left_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("api-keys.yaml");
        let flow = format!("{{keys: [{{caller: a, digest: 'sha256:{}'}}]}}\n", "ab".repeat(32));
        fs::write(&file, &flow).expect("written");
        let made = dev::api_key(&name("sync").expect("a name"), None, &[]).expect("a key");
        assert!(add_entry(&file, &made).expect_err("refused").contains("left as it is"));
        assert_eq!(fs::read_to_string(&file).expect("read"), flow);
    }

    #[test]
    fn every_purpose_makes_a_key_that_reads_back() {
        let directory = tempfile::tempdir().expect("a directory");
        for purpose in ["pseudonym", "audit", "last-good", "signing", "assertion", "tls"] {
            let path = directory.path().join(purpose);
            let text = path.to_str().expect("UTF-8");
            assert_eq!(run(&["new", purpose, text]), ExitCode::SUCCESS);
            assert_eq!(run(&["new", purpose, text]), ExitCode::FAILURE, "it is not replaced");
            match purpose {
                "pseudonym" => assert!(pseudonym_keys::load(&path).is_ok_and(|keys| keys[0].id() == 1)),
                "audit" | "last-good" => assert!(secret_file::symmetric(&path).is_ok()),
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
