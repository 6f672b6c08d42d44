//! Hours, days and weeks of a time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::UnixMillis;
use crate::policy::settings::detect::Every;

/// Hours of a week.
pub(super) const WEEK_HOURS: usize = 168;
/// Minutes of a week.
const WEEK_MINUTES: u64 = 7 * 1440;
/// The first of January 1970 was a Thursday: minutes from the Monday before.
const MONDAY_BEFORE: u64 = 3 * 1440;
/// Clocks are put forward and back at full quarters of an hour, in every zone since 1972.
const QUARTER: u64 = 900;

/// A time zone, with the offset of the quarter of an hour that was asked for last.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    zone: TimeZone,
    quarter: u64,
    /// Minutes.
    offset: i64,
}

/// A moment as a calendar of a zone shows it: minutes since 1970, as clocks on the wall there count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Local(u64);

impl Calendar {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, quarter: u64::MAX, offset: 0 }
    }

    pub(super) fn local(&mut self, at: UnixMillis) -> Local {
        let seconds = at.seconds();
        let quarter = seconds / QUARTER;
        if quarter != self.quarter {
            // A moment beyond the year 9999 has no offset.
            let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
            self.offset = moment.map_or(0, |moment| i64::from(self.zone.to_offset(moment).seconds()) / 60);
            self.quarter = quarter;
        }
        Local((seconds / 60).saturating_add_signed(self.offset))
    }
}

impl Local {
    /// The number of the hour or day since 1970.
    pub(super) const fn period(self, every: Every) -> u64 {
        match every {
            Every::Hour => self.0 / 60,
            Every::Day => self.0 / 1440,
        }
    }

    /// The minute of the week, Monday first.
    pub(super) const fn minute_of_week(self) -> u64 {
        (self.0 + MONDAY_BEFORE) % WEEK_MINUTES
    }
}

/// The place of an hour or day in its week, Monday first.
#[expect(clippy::cast_possible_truncation, reason = "below 168")]
pub(super) const fn slot(period: u64, every: Every) -> usize {
    match every {
        Every::Hour => ((period + MONDAY_BEFORE / 60) % WEEK_HOURS as u64) as usize,
        Every::Day => ((period + MONDAY_BEFORE / 1440) % 7) as usize,
    }
}

/// How many places a week has.
pub(super) const fn slots(every: Every) -> usize {
    match every {
        Every::Hour => WEEK_HOURS,
        Every::Day => 7,
    }
}

/// The places that are like this one: the ones beside it, and on working days the same hour of the others.
pub(super) fn alike(slot: usize, every: Every) -> impl Iterator<Item = usize> {
    let (week, day) = match every {
        Every::Hour => (WEEK_HOURS, 24),
        Every::Day => (7, 1),
    };
    let beside = match every {
        Every::Hour => [slot, (slot + 1) % week, (slot + week - 1) % week],
        Every::Day => [slot; 3],
    };
    let others = (slot / day < 5).then(|| (0..5).map(move |other| other * day + slot % day));
    beside.into_iter().chain(others.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_are_those_of_the_zone() {
        // Monday 2026-11-23 at 07:30 UTC.
        let at = UnixMillis(1_795_419_000_000);
        let mut utc = Calendar::new(TimeZone::UTC);
        let local = utc.local(at);
        assert_eq!(local.minute_of_week(), 7 * 60 + 30);
        assert_eq!((slot(local.period(Every::Hour), Every::Hour), slot(local.period(Every::Day), Every::Day)), (7, 0));
        let mut west = Calendar::new(TimeZone::fixed(jiff::tz::Offset::constant(-8)));
        let local = west.local(at);
        assert_eq!(slot(local.period(Every::Hour), Every::Hour), 6 * 24 + 23, "Sunday night");
        assert_eq!(slot(local.period(Every::Day), Every::Day), 6);
        let found: Vec<_> = alike(7, Every::Hour).collect();
        assert_eq!(found, [7, 8, 6, 7, 31, 55, 79, 103]);
        assert_eq!(alike(167, Every::Hour).collect::<Vec<_>>(), [167, 0, 166]);
    }
}
