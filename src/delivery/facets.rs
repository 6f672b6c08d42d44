//! What delivery must know of a record, read off its bytes: records are our own, and within their texts every quotation
//! mark is escaped, so that a member's name in quotation marks is that member.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::clock::UnixMillis;
use crate::policy::settings::Only;

/// OCSF Event Log Activity: records about the trail itself.
const LOG_ACTIVITY: u32 = 1008;
/// OCSF Detection Finding: alarms.
const FINDING: u32 = 2004;
/// OCSF HTTP Activity.
const HTTP: u32 = 4002;
/// OCSF `severity_id` High.
const HIGH: u8 = 4;

/// What matters of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facets {
    class: u32,
    severity: u8,
}

impl Facets {
    /// Reads them. What cannot be read counts as what nobody leaves out.
    pub fn of(line: &[u8]) -> Self {
        static CLASS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"class_uid\":"));
        static SEVERITY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"severity_id\":"));
        let class = number(line, &CLASS).and_then(|class| u32::try_from(class).ok());
        let severity = number(line, &SEVERITY).and_then(|severity| u8::try_from(severity).ok());
        Self { class: class.unwrap_or(LOG_ACTIVITY), severity: severity.unwrap_or(u8::MAX) }
    }

    /// Whether a sink is to have it, by its `only`.
    pub fn passes(self, only: &Only) -> bool {
        self.class == LOG_ACTIVITY
            || (self.severity >= only.severity && (only.classes.is_empty() || only.classes.contains(&self.class)))
    }

    /// Whether somebody should see it before all that is older: alarms, and what is of high severity.
    pub const fn is_urgent(self) -> bool {
        self.class == FINDING || self.severity >= HIGH
    }

    /// Whether a sample of one in `one_of` leaves it out: only what was let through, went well, and had nothing to do
    /// with personal data. All records of a request are in the sample or none is.
    pub fn is_left_out(self, one_of: u32, line: &[u8]) -> bool {
        if self.class != HTTP || self.severity != 1 || one_of <= 1 {
            return false;
        }
        let has = |text: &[u8]| memmem::find(line, text).is_some();
        let plain = has(b"\"action_id\":1,")
            && has(b"\"status_id\":1,")
            && !has(b"\"data_classifications\":")
            && !has(b"\"shadow\":");
        plain && request(line).is_some_and(|request| request % one_of != 0)
    }
}

/// `metadata.logged_time`.
pub fn logged(line: &[u8]) -> Option<UnixMillis> {
    number(line, &Finder::new(b"\"logged_time\":")).map(UnixMillis)
}

/// The random end of `metadata.correlation_uid`, a UUIDv7.
fn request(line: &[u8]) -> Option<u32> {
    const MEMBER: &[u8] = b"\"correlation_uid\":\"";
    const ID: usize = 36;
    let at = memmem::find(line, MEMBER)? + MEMBER.len();
    let digits = line.get(at + ID - 8..at + ID)?;
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// A member's value, if it is a whole number.
fn number(line: &[u8], member: &Finder<'_>) -> Option<u64> {
    let rest = &line[member.find(line)? + member.needle().len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[u8] = br#"{"action_id":1,"class_uid":4002,"metadata":{"correlation_uid":"019b0000-0000-7000-8000-00000000000a","logged_time":17},"severity_id":1,"status_id":1,"type_uid":400203}"#;

    fn with(from: &str, to: &str) -> Vec<u8> {
        String::from_utf8(ALLOWED.to_vec()).unwrap().replace(from, to).into_bytes()
    }

    #[test]
    fn only_what_is_allowed_plain_and_well_is_ever_left_out() {
        let left_out = |line: &[u8], one_of| Facets::of(line).is_left_out(one_of, line);
        assert!(left_out(ALLOWED, 3));
        assert!(!left_out(ALLOWED, 1) && !left_out(ALLOWED, 2) && !left_out(ALLOWED, 10));
        for (from, to) in [
            ("\"action_id\":1,", "\"action_id\":2,"),
            ("\"status_id\":1,", "\"status_id\":2,"),
            ("\"severity_id\":1", "\"severity_id\":2"),
            ("4002,", "3002,"),
            ("\"logged_time\"", "\"data_classifications\":[{}],\"logged_time\""),
            ("\"type_uid\"", "\"shadow\":{},\"type_uid\""),
        ] {
            let line = with(from, to);
            assert_ne!(line, ALLOWED);
            assert!(!left_out(&line, 3), "{}", String::from_utf8_lossy(&line));
        }
        assert!(!left_out(b"{}", 3) && !left_out(b"", 3));
    }

    #[test]
    fn filters_let_through_what_they_name_and_what_is_about_the_trail() {
        let passes = |line: &[u8], classes: &[u32], severity| {
            Facets::of(line).passes(&Only { classes: classes.to_vec(), severity })
        };
        assert!(passes(ALLOWED, &[], 1) && passes(ALLOWED, &[4002], 0));
        assert!(!passes(ALLOWED, &[2004], 0) && !passes(ALLOWED, &[], 4));
        assert!(passes(&with("4002,", "1008,"), &[2004], 4));
        assert!(passes(b"what is no record is not ours to leave out", &[2004], 4));
    }

    #[test]
    fn alarms_and_what_is_severe_are_urgent() {
        assert!(!Facets::of(ALLOWED).is_urgent());
        assert!(Facets::of(&with("4002,", "2004,")).is_urgent());
        assert!(Facets::of(&with("\"severity_id\":1", "\"severity_id\":4")).is_urgent());
        assert_eq!(logged(ALLOWED), Some(UnixMillis(17)));
    }
}
