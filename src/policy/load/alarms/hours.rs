//! `alarms[].when.hours`

use std::time::Duration;

use super::super::decode::Decoder;
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::detect::Hours;
use crate::policy::yaml::{Node, Value};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minutes of a day.
const DAY: u16 = 1440;

/// `learned`, or a list of days and times.
pub(super) fn hours(d: &mut Decoder<'_>, node: &Node, learn: Duration) -> Option<Hours> {
    if matches!(node.value, Value::Scalar(_)) {
        return d.word(node, "alarms.when.hours", &[("learned", Hours::Learned(learn))]);
    }
    let mut all = Vec::new();
    for item in d.filled_list(node, "alarms.when.hours")? {
        let Some(text) = d.text(item, "alarms.when.hours") else { continue };
        match read(text) {
            Some(spans) => all.extend(spans),
            None => {
                let fault = Fault::new(Code::Word, item.span, "alarms.when.hours has days and a time from and to");
                d.fault(fault.label("not that").help("`mon-fri 07:00-19:00`, `sat 08:00-12:00`"));
            }
        }
    }
    Some(Hours::Declared(all))
}

/// Minutes of the week. A time that ends before it begins goes on into the next day.
fn read(text: &str) -> Option<Vec<(u16, u16)>> {
    let (days, times) = text.split_once(' ')?;
    let (from, to) = times.split_once('-')?;
    let (from, to) = (minutes(from)?, minutes(to)?);
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(days)?, day(days)?),
    };
    if first > last || from == to {
        return None;
    }
    let mut spans = Vec::new();
    for day in first..=last {
        let begin = u16::try_from(day).ok()? * DAY;
        if from < to {
            spans.push((begin + from, begin + to));
        } else {
            let next = (begin + DAY) % (7 * DAY);
            spans.push((begin + from, begin + DAY));
            spans.push((next, next + to));
        }
    }
    Some(spans)
}

/// `07:30`, or `24:00` for the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY).then_some(of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_days_and_times() {
        assert_eq!(read("mon 07:00-19:30"), Some(vec![(420, 1170)]));
        assert_eq!(read("sat-sun 00:00-24:00"), Some(vec![(5 * DAY, 6 * DAY), (6 * DAY, 7 * DAY)]));
        assert_eq!(read("sun 22:00-06:00"), Some(vec![(6 * DAY + 1320, 7 * DAY), (0, 360)]));
        for bad in
            ["", "mon", "mon 7-19", "fri-mon 07:00-19:00", "mon 07:00-07:00", "mon 25:00-26:00", "mon 07:60-08:00"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
