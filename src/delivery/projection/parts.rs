//! A record's members by name, as they stand in its line: what projections are made of.

use super::super::members::Members;

/// Makes the struct and what fills it, in one pass over the line.
macro_rules! parts {
    ($($field:ident = $key:literal,)*) => {
        /// The members of a record that projections read.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Parts<'l> {
            $(
                #[doc = concat!("`", $key, "`")]
                pub $field: Option<&'l [u8]>,
            )*
        }

        impl<'l> Parts<'l> {
            /// Of a record's line.
            pub fn of(line: &'l [u8]) -> Self {
                let mut parts = Self::default();
                for (key, value) in Members::of(line) {
                    match str::from_utf8(key) {
                        $(Ok($key) => parts.$field = Some(value),)*
                        _ => {}
                    }
                }
                parts
            }
        }
    };
}

parts! {
    action = "action_id",
    activity = "activity_id",
    activity_name = "activity_name",
    actor = "actor",
    auth_protocol = "auth_protocol",
    authorizations = "authorizations",
    category = "category_uid",
    class = "class_uid",
    comment = "comment",
    confidence = "confidence_id",
    connection = "connection_info",
    count = "count",
    device = "device",
    disposition = "disposition_id",
    destination = "dst_endpoint",
    duration = "duration",
    end = "end_time",
    entity = "entity",
    entity_result = "entity_result",
    evidences = "evidences",
    file = "file",
    finding = "finding_info",
    rule = "firewall_rule",
    request = "http_request",
    response = "http_response",
    is_alert = "is_alert",
    is_mfa = "is_mfa",
    metadata = "metadata",
    policy = "policy",
    severity = "severity_id",
    source = "src_endpoint",
    start = "start_time",
    code = "status_code",
    detail = "status_detail",
    status = "status_id",
    time = "time",
    tls = "tls",
    traffic = "traffic",
    kind = "type_uid",
    unmapped = "unmapped",
    user = "user",
}
