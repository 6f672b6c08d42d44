//! Whether detectors find whom they are to find, measured: `cargo bench --bench detect [-- SEEDS]`. The rules are those of
//! `policies/sp-api.yaml`, tuned on the seeds 1 to 20; what is reported comes from the seeds from 2001 on, which nobody
//! looked at while they were tuned.

#![expect(
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench prints what it finds"
)]

mod measure;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use measure::{Outcome, middle, run};
use portcullis::policy::{LoadOptions, load_text};

const CALLERS: usize = 30;
const WEEKS: u64 = 8;

fn main() {
    let number = |text: String| text.parse::<u64>().ok();
    let mut numbers = std::env::args().skip(1).filter_map(number);
    let (count, first) = (numbers.next().unwrap_or(24), numbers.next().unwrap_or(2001));
    let text = include_str!("../../policies/sp-api.yaml");
    let policy = match load_text("sp-api.yaml", text, Path::new("policies"), &LoadOptions::check()) {
        Ok(loaded) => loaded.policy,
        Err(faults) => panic!("{faults}"),
    };
    let outcomes: Vec<Outcome> = (first..first + count).map(|seed| run(&policy, seed, CALLERS, WEEKS)).collect();
    let requests: u64 = outcomes.iter().map(|outcome| outcome.requests).sum();
    println!("{count} seeds from {first}, {CALLERS} callers, {WEEKS} weeks, {requests} requests");
    let judging: std::time::Duration = outcomes.iter().map(|outcome| outcome.judging).sum();
    println!(
        "{} ns of CPU time for each request, by the detectors and alarms",
        judging.as_nanos() / u128::from(requests)
    );
    println!("{:<24} {:>7} {:>12} {:>12}  told by (seeds)", "scenario", "found", "median", "longest");
    let names: Vec<&str> = outcomes[0].found.keys().copied().collect();
    for name in names {
        let mut times: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.found[name]).collect();
        let (median, longest) = middle(&mut times);
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        let told = outcomes.iter().filter_map(|outcome| outcome.told.get(name)).flatten();
        told.for_each(|rule| *by.entry(rule).or_default() += 1);
        println!("{name:<24} {:>3}/{count:<3} {median:>12?} {longest:>12?}  {by:?}", times.len());
    }
    let right: u64 = outcomes.iter().map(|outcome| outcome.right).sum();
    let wrong: u64 = outcomes.iter().map(Outcome::false_alarms).sum();
    let months: f64 = outcomes.iter().map(|outcome| outcome.caller_months).sum();
    let found: usize = outcomes.iter().map(|outcome| outcome.found.len() - outcome.missed().len()).sum();
    let all: usize = outcomes.iter().map(|outcome| outcome.found.len()).sum();
    let part = |of: u64, all: u64| 100.0 * ratio(of, all);
    println!(
        "recall {found}/{all}; precision {:.1} % ({right} of {} alarms)",
        part(right, right + wrong),
        right + wrong
    );
    println!(
        "false alarms per caller-month {:.3}, worst seed {:.3}",
        f64::from(u32::try_from(wrong).unwrap_or(u32::MAX)) / months,
        worst(&outcomes)
    );
    let mut by: BTreeMap<String, u64> = BTreeMap::new();
    outcomes
        .iter()
        .flat_map(|outcome| &outcome.wrong)
        .for_each(|(rule, count)| *by.entry(rule.clone()).or_default() += count);
    println!("false alarms by rule: {by:?}");
}

fn ratio(of: u64, all: u64) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX)) / f64::from(u32::try_from(all.max(1)).unwrap_or(u32::MAX))
}

fn worst(outcomes: &[Outcome]) -> f64 {
    let each = outcomes
        .iter()
        .map(|outcome| f64::from(u32::try_from(outcome.false_alarms()).unwrap_or(0)) / outcome.caller_months);
    each.fold(0.0, f64::max)
}
