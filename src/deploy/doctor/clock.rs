//! The clock: tokens, certificates and records are judged by it.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::Finding;
use crate::audit::spool::chains;
use crate::clock::Clock;
use crate::policy::Policy;
use crate::policy::settings::AuditSettings;

const CHECK: &str = "clock";
/// Seconds by which the machine's own clock and the system's may differ: the former is set now and then only.
const MOST_SKEW: u64 = 60;
/// Seconds by which a file may be newer than now: two clocks on a shared volume.
const AHEAD: u64 = 5;
const NTP: &str = "run an NTP client: systemd-timesyncd or chrony";

pub(super) fn look(policy: &Policy, clock: &Clock) -> Vec<Finding> {
    let now = clock.wall().seconds();
    let mut findings = vec![synchronised(Path::new("/"))];
    findings.extend(hardware(Path::new("/sys/class/rtc/rtc0/since_epoch"), now));
    if let AuditSettings::On(trail) = &policy.audit
        && let Some(spool) = &trail.spool
    {
        findings.extend(set_back(&spool.path, now));
    }
    findings
}

/// What NTP clients leave behind once they have set the clock.
fn synchronised(root: &Path) -> Finding {
    let there = |path: &str| root.join(path).exists();
    if there("run/systemd/timesync/synchronized") {
        return Finding::well(CHECK, "systemd-timesyncd has synchronised the clock");
    }
    for (path, who) in [("run/chrony/chronyd.pid", "chronyd"), ("run/chronyd.pid", "chronyd"), ("run/ntpd.pid", "ntpd")]
    {
        if there(path) {
            return Finding::well(CHECK, format!("{who} keeps the clock"));
        }
    }
    if there("run/systemd/timesync") {
        return Finding::wrong(
            CHECK,
            "systemd-timesyncd runs and has not synchronised the clock",
            "timedatectl timesync-status",
        );
    }
    Finding::unknown(CHECK, "no NTP client is known here; in a container the host's keeps the clock", NTP)
}

fn hardware(path: &Path, now: u64) -> Option<Finding> {
    let hardware: u64 = fs::read_to_string(path).ok()?.trim().parse().ok()?;
    let skew = hardware.abs_diff(now);
    // Whole hours and quarters of them: it runs in local time.
    let is_local = (skew + MOST_SKEW) % 900 <= 2 * MOST_SKEW && skew < 15 * 3600;
    (skew > MOST_SKEW && !is_local)
        .then(|| Finding::wrong(CHECK, format!("the system's clock and the machine's own differ by {skew} s"), NTP))
}

/// Records from the future: the clock was set back since, or was wrong then.
fn set_back(spool: &Path, now: u64) -> Option<Finding> {
    let newest = chains(spool).ok()?.into_iter().filter_map(|chain| fs::read_dir(chain).ok()).flatten().flatten();
    let newest = newest.filter_map(|file| file.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    let ahead = newest.max()?.as_secs().saturating_sub(now);
    (ahead > AHEAD).then(|| {
        let what = format!("the newest record was written {ahead} s in the future: the clock was set back");
        Finding::wrong(CHECK, what, NTP)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::doctor::State;

    #[test]
    fn the_clock_is_known_by_what_its_keepers_leave() {
        let root = tempfile::tempdir().expect("a directory");
        assert_eq!(synchronised(root.path()).state, State::Unknown);
        fs::create_dir_all(root.path().join("run/systemd/timesync")).expect("a directory");
        assert_eq!(synchronised(root.path()).state, State::Wrong);
        fs::write(root.path().join("run/systemd/timesync/synchronized"), "").expect("written");
        assert_eq!(synchronised(root.path()).state, State::Well);
    }

    #[test]
    fn a_clock_beside_the_hardwares_is_wrong_and_local_time_is_not() {
        let root = tempfile::tempdir().expect("a directory");
        let rtc = root.path().join("since_epoch");
        for (hardware, wrong) in [(1_000_000, false), (1_000_300, true), (1_003_600, false), (1_007_210, false)] {
            fs::write(&rtc, format!("{hardware}\n")).expect("written");
            assert_eq!(hardware_wrong(&rtc), wrong, "{hardware}");
        }
    }

    fn hardware_wrong(path: &Path) -> bool {
        hardware(path, 1_000_000).is_some()
    }
}
