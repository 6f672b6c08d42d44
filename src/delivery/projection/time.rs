//! Points in time as text.

/// RFC 3339 in UTC with milliseconds. Days to a date after Howard Hinnant, "chrono-compatible low-level date algorithms".
pub fn timestamp(millis: u64, out: &mut Vec<u8>) {
    // Year 9999 is the last one with four digits.
    let millis = millis.min(253_402_300_799_999);
    let (days, second) = (millis / 86_400_000, millis / 1000 % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    for (value, width, mark) in [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (second / 3600, 2, b':'),
        (second / 60 % 60, 2, b':'),
        (second % 60, 2, b'.'),
        (millis % 1000, 3, b'Z'),
    ] {
        let divisors: &[u64] = match width {
            4 => &[1000, 100, 10, 1],
            3 => &[100, 10, 1],
            _ => &[10, 1],
        };
        out.extend(divisors.iter().map(|divisor| b'0' + u8::try_from(value / divisor % 10).unwrap_or(0)));
        out.push(mark);
    }
}
