//! What sort of event a record is, in the words that ECS allows (`event.kind`, `event.category`, `event.type`), and what
//! an alarm may mean (`threat`).

/// Values of `event.*`, as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// `event.kind`
    pub kind: &'static str,
    /// `event.category`
    pub category: &'static [u8],
    /// `event.type`
    pub r#type: &'static [u8],
}

const fn event(category: &'static [u8], r#type: &'static [u8]) -> Sort {
    Sort { kind: "event", category, r#type }
}

const WEB: &[u8] = br#"["network","web"]"#;
const NETWORK: &[u8] = br#"["network"]"#;
const CONFIGURATION: &[u8] = br#"["configuration"]"#;
const PROCESS: &[u8] = br#"["process"]"#;
const FILE: &[u8] = br#"["file"]"#;
const INTRUSION: &[u8] = br#"["intrusion_detection"]"#;
const INFO: &[u8] = br#"["info"]"#;
const CHANGE: &[u8] = br#"["change"]"#;

/// The sort of a record of this class, event code (without quotes), activity and action.
pub fn sort(class: &[u8], code: &[u8], activity: Option<&[u8]>, action: Option<&[u8]>) -> Sort {
    match (class, code) {
        (b"4002", b"HTTP.ABORTED") => event(br#"["web"]"#, br#"["access","error"]"#),
        (b"4002", _) => http(code == b"HTTP.END", activity == Some(b"99"), action),
        (b"3002", b"AUTHN.END") => event(br#"["authentication"]"#, br#"["end"]"#),
        (b"3002", _) => event(br#"["authentication"]"#, br#"["start"]"#),
        (b"3001", _) => event(br#"["iam"]"#, br#"["user","change"]"#),
        (b"2004", _) => {
            Sort { kind: "alert", category: if is_of_gate(code) { PROCESS } else { INTRUSION }, r#type: INFO }
        }
        (b"3004", _) => event(
            CONFIGURATION,
            match activity {
                Some(b"2") => br#"["access"]"#,
                Some(b"99") => INFO,
                _ => CHANGE,
            },
        ),
        (b"6002", b"PROC.STOP") => event(PROCESS, br#"["end"]"#),
        (b"6002", _) => event(PROCESS, br#"["start"]"#),
        (b"1008", b"LOG.ROTATE") => event(FILE, CHANGE),
        (b"1008", b"LOG.PURGE") => event(FILE, br#"["deletion"]"#),
        (b"1008", b"LOG.EXPORT") => event(FILE, br#"["access"]"#),
        _ => event(PROCESS, INFO),
    }
}

/// Whether an alarm tells how the gate itself does, and not what somebody does with it.
const fn is_of_gate(code: &[u8]) -> bool {
    matches!(
        code,
        b"ALARM.CERT_EXPIRY"
            | b"ALARM.DETECTORS_BLIND"
            | b"ALARM.ERRORS"
            | b"ALARM.LOG_PII"
            | b"ALARM.SHARED_STATE"
            | b"ALARM.SINK_BACKLOG"
            | b"ALARM.SINK_HELD"
            | b"ALARM.SINK_LAG"
            | b"ALARM.SINK_LOSS"
            | b"ALARM.STATE_LOST"
    )
}

/// A request, or a connection without one (`is_other` is a request too, where the method is no usual one).
fn http(is_end: bool, is_other: bool, action: Option<&[u8]>) -> Sort {
    match (action, is_end, is_other) {
        (Some(b"2"), true, _) => event(WEB, br#"["access","denied","end"]"#),
        (Some(b"2"), false, true) => event(NETWORK, br#"["connection","denied"]"#),
        (Some(b"2"), false, false) => event(WEB, br#"["access","denied"]"#),
        (_, true, _) => event(WEB, br#"["access","allowed","end"]"#),
        (_, false, _) => event(WEB, br#"["access","allowed"]"#),
    }
}

/// Tactic and technique of MITRE ATT&CK that an alarm may be the trace of: ids and names.
pub struct Threat {
    /// `threat.tactic`
    pub tactic: (&'static str, &'static str),
    /// `threat.technique`
    pub technique: Option<(&'static str, &'static str)>,
}

/// What an alarm of this code may mean.
pub const fn threat(code: &[u8]) -> Option<Threat> {
    const ACCESS: (&str, &str) = ("TA0001", "Initial Access");
    const CREDENTIALS: (&str, &str) = ("TA0006", "Credential Access");
    const DISCOVERY: (&str, &str) = ("TA0007", "Discovery");
    const COLLECTION: (&str, &str) = ("TA0009", "Collection");
    const AUTOMATED: Option<(&str, &str)> = Some(("T1119", "Automated Collection"));
    let (tactic, technique) = match code {
        b"ALARM.CANARY" => (COLLECTION, Some(("T1213", "Data from Information Repositories"))),
        b"ALARM.RATE" | b"ALARM.DISTINCT" | b"ALARM.ENUMERATION" => (COLLECTION, AUTOMATED),
        b"ALARM.VOLUME" => (("TA0010", "Exfiltration"), Some(("T1020", "Automated Exfiltration"))),
        b"ALARM.UNAUTHZ" | b"ALARM.NEW_ROUTE" => (DISCOVERY, None),
        b"ALARM.CREDENTIAL_FAILURES" | b"ALARM.TOKEN_FAILURES" => (CREDENTIALS, Some(("T1110", "Brute Force"))),
        b"ALARM.SCAN" => (("TA0043", "Reconnaissance"), Some(("T1595", "Active Scanning"))),
        b"ALARM.CREDENTIAL_SHARED" | b"ALARM.NEW_CALLER" | b"ALARM.NEW_ORIGIN" | b"ALARM.OFF_HOURS" => {
            (ACCESS, Some(("T1078", "Valid Accounts")))
        }
        _ => return None,
    };
    Some(Threat { tactic, technique })
}
