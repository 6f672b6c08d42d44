//! `portcullis check`: every fault of a policy at once.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::clock::Clock;
use crate::policy::fault::{Code, Faults};
use crate::policy::{LoadOptions, Loaded, load};

/// Show every fault of a policy at once, with the text that is to blame.
///
/// Files that the policy names and keys that this build does not enforce yet are warnings here and errors for `run`.
#[derive(Args, Debug)]
pub struct Check {
    /// The policy: a file, or a directory whose files merge.
    pub path: PathBuf,
    /// For people, or for machines.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What else is to fail the check.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// Show as well where a sound policy might be tighter.
    #[arg(long)]
    pub notes: bool,
}

/// `--deny`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings fail it, as errors do.
    Warnings,
}

/// What faults are shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text with source excerpts.
    Text,
    /// A JSON array.
    Json,
    /// SARIF 2.1.0, for code scanners.
    Sarif,
    /// Workflow commands of GitHub Actions, which annotate lines.
    Github,
}

impl Check {
    /// Prints the faults: they are this command's result. 0 for a sound policy, 1 for faults, 2 if there is nothing to
    /// read.
    pub fn run(self) -> ExitCode {
        let now = Some(Clock::system().wall().seconds());
        let options = LoadOptions { notes: self.notes, now, ..LoadOptions::check() };
        let loaded = load(&self.path, &options);
        let code = match &loaded {
            Ok(loaded) if self.deny == Some(Deny::Warnings) && loaded.warnings.warnings() > 0 => ExitCode::from(1),
            Ok(_) => ExitCode::SUCCESS,
            Err(faults) if faults.is_unreadable() => ExitCode::from(2),
            Err(_) => ExitCode::from(1),
        };
        super::answer(&self.report(&loaded), code)
    }

    fn report(&self, loaded: &Result<Loaded, Faults>) -> String {
        let faults = match loaded {
            Ok(loaded) => &loaded.warnings,
            Err(faults) => faults,
        };
        match self.format {
            Format::Json => return faults.to_json() + "\n",
            Format::Sarif => return faults.to_sarif(),
            Format::Github => return faults.to_github(),
            Format::Text => {}
        }
        let color = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let shown = if faults.is_empty() { String::new() } else { faults.render(color) + "\n\n" };
        format!("{shown}{}: {}\n", self.path.display(), summary(loaded))
    }
}

fn summary(loaded: &Result<Loaded, Faults>) -> String {
    match loaded {
        Ok(Loaded { policy, warnings, .. }) => {
            let routes = count(policy.routes.routes().len(), "route");
            let roles = count(policy.roles.names().len(), "role");
            let more = if warnings.warnings() == 0 {
                String::new()
            } else {
                format!("; {}", count(warnings.warnings(), "warning"))
            };
            // Otherwise a pipeline that only checks would learn at the start that the gate does not.
            let parts = warnings.list.iter().filter(|fault| fault.code == Code::NotBuilt).count();
            let refused = match parts {
                0 => String::new(),
                parts => format!("; `run` refuses it for {} that this build lacks", count(parts, "part")),
            };
            format!("sound: {routes}, {roles}{more}{refused}")
        }
        Err(faults) if faults.is_unreadable() => "no policy".to_owned(),
        Err(faults) => format!("{}, {}", count(faults.errors(), "error"), count(faults.warnings(), "warning")),
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::load_text;

    fn report(text: &str, format: Format) -> String {
        let loaded = load_text("p.yaml", text, Path::new("/nowhere"), &LoadOptions::check());
        Check { path: "p.yaml".into(), format, deny: None, notes: false }.report(&loaded)
    }

    #[test]
    fn a_policy_that_will_not_run_says_so_in_its_last_line() {
        let whole = include_str!("../../policies/quickstart.yaml");
        let text = whole.replacen(
            "roles:\n",
            "roles:\n  auditor: { members: [\"user:eve@seller.example\"], admin: [export] }\n",
            1,
        );
        assert_ne!(text, whole);
        let shown = report(&text, Format::Text);
        let last = shown.lines().last().unwrap_or_default();
        assert!(last.ends_with("; `run` refuses it for 1 part that this build lacks"), "{last}");
    }

    #[test]
    fn a_sound_policy_ends_in_one_line() {
        let text = include_str!("../../policies/quickstart.yaml");
        let shown = report(text, Format::Text);
        assert_eq!(shown.lines().last(), Some("p.yaml: sound: 5 routes, 2 roles; 5 warnings"));
    }

    #[test]
    fn faults_are_counted_and_machines_get_nothing_but_json() {
        assert!(report("mode: off\n", Format::Text).ends_with("p.yaml: 6 errors, 0 warnings\n"));
        let list: serde_json::Value = serde_json::from_str(&report("mode: off\n", Format::Json)).expect("JSON");
        assert_eq!(list.as_array().map(Vec::len), Some(6));
    }
}
