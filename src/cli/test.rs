//! `portcullis test`: does a policy decide what its cases say?

mod report;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};

use crate::policy::cases::{self, Case, Coverage, Outcome};
use crate::policy::fault::Faults;
use crate::policy::{LoadOptions, Policy, load};

/// Judge the cases of a policy with the gate's own decision.
///
/// A file of cases names its policy and lists requests with what is to become of them; `portcullis schema --cases` says
/// what it may hold. Fails if a case is decided otherwise.
#[derive(Args, Debug)]
pub struct Test {
    /// A file of cases, or a directory with such files and perhaps more in `tests/` below it.
    pub path: PathBuf,
    /// How to print what came out.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say which routes and rules no case has seen; a rule is a role that a route allows.
    #[arg(long)]
    pub coverage: bool,
    /// Fail if less than this share of routes or rules is seen, such as 90%.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_coverage: Option<usize>,
    /// Judge again whenever the cases or the policy change, until interrupted.
    #[arg(long)]
    pub watch: bool,
}

/// `--format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object.
    Json,
    /// For whoever collects the results of tests: JUnit XML.
    Junit,
}

/// A file of cases and what came out.
pub(super) struct Suite {
    path: PathBuf,
    /// Nothing if the cases or the policy have faults.
    judged: Result<Judged, Faults>,
}

/// What came out of the cases of a file.
pub(super) struct Judged {
    policy: PathBuf,
    results: Vec<(Case, Outcome)>,
}

/// Everything that came out.
pub(super) struct Report {
    suites: Vec<Suite>,
    /// By policy: its name as the first file of cases gives it, and what was seen.
    coverage: BTreeMap<PathBuf, (PathBuf, Coverage)>,
}

/// How often `--watch` looks.
const LOOK: Duration = Duration::from_millis(500);

impl Test {
    /// Judges. 0 if all is as expected, 1 if not or for faults, 2 if there are no cases.
    pub fn run(self) -> ExitCode {
        if !self.watch {
            return self.once();
        }
        loop {
            let before = stamps(&self.path);
            self.once();
            eprintln!("watching {}", self.path.display());
            while stamps(&self.path) == before {
                std::thread::sleep(LOOK);
            }
        }
    }

    fn once(&self) -> ExitCode {
        let files = match files(&self.path) {
            Ok(files) if !files.is_empty() => files,
            Ok(_) => {
                eprintln!("{} holds no file with a top-level `cases:`", self.path.display());
                return ExitCode::from(2);
            }
            Err(error) => {
                eprintln!("{} cannot be read: {error}", self.path.display());
                return ExitCode::from(2);
            }
        };
        let report = Report::of(files);
        let shown = match self.format {
            Format::Text => report.text(self.coverage, self.min_coverage),
            Format::Json => report.json(),
            Format::Junit => report.junit(),
        };
        let fails = !report.passes() || self.min_coverage.is_some_and(|least| report.covered() < least);
        super::answer(&shown, ExitCode::from(u8::from(fails)))
    }
}

impl Report {
    fn of(files: Vec<PathBuf>) -> Self {
        let mut report = Self { suites: Vec::new(), coverage: BTreeMap::new() };
        let mut policies: BTreeMap<PathBuf, Result<Policy, Faults>> = BTreeMap::new();
        for path in files {
            let judged = cases::read(&path).and_then(|file| {
                let key = fs::canonicalize(&file.policy).unwrap_or_else(|_| file.policy.clone());
                let policy = policies
                    .entry(key.clone())
                    .or_insert_with(|| load(&file.policy, &LoadOptions::check()).map(|loaded| loaded.policy));
                let policy = policy.as_ref().map_err(Clone::clone)?;
                let misfits = file.misfits(policy);
                if !misfits.is_empty() {
                    return Err(misfits);
                }
                let (outcomes, coverage) = file.run(policy);
                match report.coverage.get_mut(&key) {
                    Some((_, known)) => known.join(&coverage),
                    None => drop(report.coverage.insert(key, (file.policy.clone(), coverage))),
                }
                Ok(Judged { policy: file.policy.clone(), results: file.cases.into_iter().zip(outcomes).collect() })
            });
            report.suites.push(Suite { path, judged });
        }
        report
    }

    fn passes(&self) -> bool {
        self.suites.iter().all(|suite| {
            let judged = suite.judged.as_ref();
            judged.is_ok_and(|judged| judged.results.iter().all(|(_, outcome)| outcome.is_as_expected()))
        })
    }

    /// The smallest share of routes or rules that were seen, in per cent.
    fn covered(&self) -> usize {
        let shares = self.coverage.values().flat_map(|(_, coverage)| [coverage.routes(), coverage.rules()]);
        shares.map(cases::Share::percent).min().unwrap_or_default()
    }
}

/// The files of cases at a path.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        // A file that is named is one of cases, or its faults are shown.
        fs::metadata(path)?;
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let below = path.join("tests");
    for directory in [path, &below].into_iter().filter(|directory| directory.is_dir()) {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if yaml && cases::text_of_cases(&path).is_some() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// When what counts was last written, and how long it is.
fn stamps(path: &Path) -> Vec<(PathBuf, Option<SystemTime>, u64)> {
    let mut watched: Vec<PathBuf> = files(path).unwrap_or_default();
    let policies: Vec<PathBuf> = watched.iter().filter_map(|file| Some(cases::read(file).ok()?.policy)).collect();
    for policy in policies {
        match fs::read_dir(&policy) {
            Ok(entries) => watched.extend(entries.filter_map(|entry| Some(entry.ok()?.path()))),
            Err(_) => watched.push(policy),
        }
    }
    let stamp = |path: PathBuf| {
        let data = fs::metadata(&path).ok();
        let written = data.as_ref().and_then(|data| data.modified().ok());
        (path, written, data.map_or(0, |data| data.len()))
    };
    watched.into_iter().map(stamp).collect()
}

/// `90%` or `90`.
fn percent(text: &str) -> Result<usize, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|number| *number <= 100);
    number.ok_or_else(|| "write a whole number from 0% to 100%".to_owned())
}
