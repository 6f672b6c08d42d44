//! `portcullis diff`: what changes between two policies, from the policies alone.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::format::Format;
use super::replay::sound;
use crate::policy::diff::{Diff, Grant, Things};

/// Say what changes between two policies: routes, limits, and who gains or loses what
///
/// `replay` says the same of past requests.
#[derive(Args)]
pub struct DiffCommand {
    /// The policy of now: a file, or a directory whose files merge
    old: PathBuf,
    /// The policy to come
    new: PathBuf,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl DiffCommand {
    /// Runs the command. 0 if nothing changes, 1 if something does, 2 without two sound policies.
    pub fn run(self) -> ExitCode {
        let both = sound(&self.old).and_then(|old| Ok((old, sound(&self.new)?)));
        let diff = match both {
            Ok((old, new)) => Diff::between(&old, &new),
            Err(faults) => {
                eprintln!("{faults}");
                return ExitCode::from(2);
            }
        };
        let mut page = String::new();
        match self.format {
            // Writing to a String cannot fail.
            Format::Text => drop(text(&mut page, &diff)),
            Format::Json => page = format!("{:#}\n", object(&diff)),
        }
        super::answer(&page, ExitCode::from(u8::from(!diff.is_empty())))
    }
}

fn text(page: &mut String, diff: &Diff) -> fmt::Result {
    if diff.is_empty() {
        return writeln!(page, "Nothing changes.");
    }
    grants(page, &diff.losses, "may no longer use")?;
    grants(page, &diff.gains, "may now use")?;
    for one in &diff.members {
        for member in &one.removed {
            writeln!(page, "{member} leaves role {}.", one.role)?;
        }
        for member in &one.added {
            writeln!(page, "{member} joins role {}.", one.role)?;
        }
    }
    for (things, kind) in [(&diff.routes, "Route"), (&diff.roles, "Role"), (&diff.limits, "Limit")] {
        for name in &things.removed {
            writeln!(page, "{kind} {name} is gone.")?;
        }
        for name in &things.added {
            writeln!(page, "{kind} {name} is new.")?;
        }
        for (name, keys) in things.changed.iter().filter(|(_, keys)| *keys != ["members"]) {
            writeln!(page, "{kind} {name} changes in {}.", keys.join(", "))?;
        }
    }
    for section in &diff.sections {
        writeln!(page, "Section {section} changes.")?;
    }
    Ok(())
}

fn grants(page: &mut String, grants: &[Grant], verb: &str) -> fmt::Result {
    for Grant { role, route } in grants {
        match role {
            Some(role) => writeln!(page, "Role {role} {verb} route {route}.")?,
            None => writeln!(page, "Anyone {verb} route {route}.")?,
        }
    }
    Ok(())
}

fn object(diff: &Diff) -> Value {
    let grants = |grants: &[Grant]| -> Value {
        let one = |grant: &Grant| json!({ "role": grant.role.as_ref().map(ToString::to_string), "route": grant.route.as_str() });
        grants.iter().map(one).collect()
    };
    let things = |things: &Things| {
        let names = |names: &[crate::redact::Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let changed: Vec<_> =
            things.changed.iter().map(|(name, keys)| json!({ "name": name.as_str(), "keys": keys })).collect();
        json!({ "added": names(&things.added), "removed": names(&things.removed), "changed": changed })
    };
    let members: Vec<_> = diff
        .members
        .iter()
        .map(|one| json!({ "role": one.role.as_str(), "added": one.added, "removed": one.removed }))
        .collect();
    json!({
        "gains": grants(&diff.gains),
        "losses": grants(&diff.losses),
        "members": members,
        "routes": things(&diff.routes),
        "roles": things(&diff.roles),
        "limits": things(&diff.limits),
        "sections": diff.sections,
    })
}
