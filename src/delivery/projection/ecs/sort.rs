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
        (b"2004", b"ALARM.CANARY" | b"ALARM.RATE" | b"ALARM.VOLUME" | b"ALARM.UNAUTHZ") => {
            Sort { kind: "alert", category: br#"["intrusion_detection"]"#, r#type: INFO }
        }
        (b"2004", _) => Sort { kind: "alert", category: PROCESS, r#type: INFO },
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
    let (tactic, technique) = match code {
        b"ALARM.CANARY" => (("TA0009", "Collection"), Some(("T1213", "Data from Information Repositories"))),
        b"ALARM.RATE" => (("TA0009", "Collection"), Some(("T1119", "Automated Collection"))),
        b"ALARM.VOLUME" => (("TA0010", "Exfiltration"), Some(("T1020", "Automated Exfiltration"))),
        b"ALARM.UNAUTHZ" => (("TA0007", "Discovery"), None),
        _ => return None,
    };
    Some(Threat { tactic, technique })
}
