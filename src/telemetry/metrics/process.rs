//! The process's own numbers, from `/proc/self` (proc(5)).

use std::fs;

use super::{BUILD, CPU, FILES, FILES_MAX, LOG_SUPPRESSED, PANICS, RSS, STARTED, Sheet, THREADS, VIRTUAL};

/// Open files that are counted: the directory is read entry by entry, and a scrape is not to take long.
const MOST_FILES: usize = 200_000;

/// Gives what the system knows of this process, and what the program knows of itself. What cannot be read is left out.
pub fn process(sheet: &mut Sheet) {
    sheet.gauge(&BUILD, [env!("CARGO_PKG_VERSION").into()], 1);
    sheet.counter(&PANICS, [], crate::telemetry::panics());
    sheet.counter(&LOG_SUPPRESSED, [], crate::telemetry::log::suppressed());
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // Less the one that the directory is read by.
        sheet.gauge(&FILES, [], files.take(MOST_FILES).count().saturating_sub(1) as u64);
    }
    if let Some(most) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        sheet.gauge(&FILES_MAX, [], most);
    }
    let (Ok(stat), Ok(boot)) = (fs::read_to_string("/proc/self/stat"), fs::read_to_string("/proc/stat")) else {
        return;
    };
    let Some(seen) = Seen::parse(&stat, &boot, rustix::param::clock_ticks_per_second()) else { return };
    sheet.counter_of(&CPU, [], seen.cpu_seconds);
    sheet.gauge(&RSS, [], seen.resident_pages.saturating_mul(rustix::param::page_size() as u64));
    sheet.gauge(&VIRTUAL, [], seen.virtual_bytes);
    sheet.gauge(&THREADS, [], seen.threads);
    sheet.gauge(&STARTED, [], seen.started);
}

/// What `/proc/self/stat` says.
#[derive(Debug, PartialEq)]
struct Seen {
    cpu_seconds: f64,
    threads: u64,
    started: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl Seen {
    /// `boot` is `/proc/stat`, which says when the machine was started.
    fn parse(stat: &str, boot: &str, ticks: u64) -> Option<Self> {
        // The name in parentheses may hold anything, spaces and parentheses included.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        // Counted from 1 in proc(5); the first after the name is the third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let booted = boot.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<u64>().ok())?;
        #[expect(clippy::cast_precision_loss, reason = "ticks of a process's life are far below 2^53")]
        let cpu_seconds = (field(14)? + field(15)?) as f64 / ticks.max(1) as f64;
        Some(Self {
            cpu_seconds,
            threads: field(20)?,
            started: booted + field(22)? / ticks.max(1),
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_is_passed_over() {
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 9 0 300 4096 7 0";
        let seen = Seen::parse(stat, "cpu 1 2\nbtime 1000\n", 100);
        let expected = Seen { cpu_seconds: 2.0, threads: 9, started: 1003, virtual_bytes: 4096, resident_pages: 7 };
        assert_eq!(seen, Some(expected));
        assert_eq!(Seen::parse("42 (a) S 1", "btime 1", 100), None);
    }
}
