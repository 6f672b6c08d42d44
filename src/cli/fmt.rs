//! `portcullis fmt`: one way to write a policy.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::files;
use crate::policy::fault::Severity;
use crate::policy::{LoadOptions, Variables, cases, format, load};

/// Write a policy in one way: indentation, quotes and the order of keys; comments and the order of routes stay.
///
/// A policy with faults is left as it is. Files of cases are formatted too.
#[derive(Args, Debug)]
pub struct Fmt {
    /// The policy: a file, or a directory whose files merge.
    pub path: PathBuf,
    /// Change nothing; say which files would change, and fail if there are any.
    #[arg(long)]
    pub check: bool,
}

impl Fmt {
    /// Formats. 0 if all is well, 1 for faults and, with `--check`, for files that are not formatted; 2 if there is
    /// nothing to read.
    pub fn run(self) -> ExitCode {
        let files = match files(&self.path) {
            Ok(files) => files,
            Err(code) => return code,
        };
        let mut code = ExitCode::SUCCESS;
        for (path, text) in files {
            match format::format(&text) {
                Ok(formatted) if formatted == text => {}
                Ok(_) if self.check => {
                    say(&format!("{} is not formatted\n", path.display()));
                    code = ExitCode::from(1);
                }
                Ok(formatted) => match replace(&path, &formatted) {
                    Ok(()) => say(&format!("{}\n", path.display())),
                    Err(fault) => {
                        eprintln!("{fault}; it is left as it is");
                        code = ExitCode::from(1);
                    }
                },
                Err(fault) => {
                    eprintln!("{} {fault}", path.display());
                    code = ExitCode::from(1);
                }
            }
        }
        code
    }
}

/// Puts the text into the place of the file, or of what a link leads to; a policy is never half written.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    let file = fs::canonicalize(path).and_then(|file| Ok((fs::metadata(&file)?.mode() & 0o777, file)));
    let (mode, file) = file.map_err(|error| format!("{}: {error}", path.display()))?;
    files::replace(&file, text, mode).map_err(|fault| fault.to_string())
}

/// The files to format, or why there are none.
fn files(path: &Path) -> Result<Vec<(PathBuf, String)>, ExitCode> {
    if path.is_file()
        && let Some(text) = cases::text_of_cases(path)
    {
        return match cases::read(path) {
            Ok(_) => Ok(vec![(path.to_path_buf(), text)]),
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                Err(ExitCode::from(1))
            }
        };
    }
    // What variables stand for does not matter to the form.
    let options = LoadOptions { variables: Variables::Unknown, ..LoadOptions::check() };
    let faults = match load(path, &options) {
        Ok(loaded) => loaded.warnings,
        Err(faults) if faults.is_unreadable() => {
            eprintln!("{}", faults.render(false));
            return Err(ExitCode::from(2));
        }
        Err(mut faults) if faults.errors() > 0 => {
            faults.list.retain(|fault| fault.severity == Severity::Error);
            let (errors, ending) = (faults.errors(), if faults.errors() == 1 { "" } else { "s" });
            let shown = faults.render(false);
            eprintln!("{shown}\n\n{}: {errors} error{ending}; nothing is changed", path.display());
            return Err(ExitCode::from(1));
        }
        Err(faults) => faults,
    };
    let part = |text: &str| !path.is_dir() || text.lines().any(|line| line.starts_with("version:"));
    let sources = faults.sources.iter().filter(|(_, source)| part(&source.text));
    Ok(sources.map(|(_, source)| (PathBuf::from(&source.name), source.text.clone())).collect())
}

fn say(text: &str) {
    // Whoever closes our output early, as `head` does, has seen what they wanted.
    let _ = io::stdout().write_all(text.as_bytes());
}
