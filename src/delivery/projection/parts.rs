//! A record's members by name, as they stand in its line: what projections are made of.

use super::super::members::Members;

/// Makes a struct of members of an object, and what fills it in one pass.
macro_rules! parts {
    ($(#[doc = $what:literal] $name:ident { $($field:ident = $key:literal,)* })*) => {$(
        #[doc = $what]
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name<'l> {
            $(
                #[doc = stringify!($key)]
                pub $field: Option<&'l [u8]>,
            )*
        }

        impl<'l> $name<'l> {
            /// Of an object; empty if it is none.
            pub fn of(object: &'l [u8]) -> Self {
                let mut parts = Self::default();
                for (key, value) in Members::of(object) {
                    match key {
                        $($key => parts.$field = Some(value),)*
                        _ => {}
                    }
                }
                parts
            }
        }
    )*};
}

parts! {
    #[doc = "The members of a record that projections read."]
    Parts {
        action = b"action_id",
        activity = b"activity_id",
        activity_name = b"activity_name",
        actor = b"actor",
        auth_protocol = b"auth_protocol",
        authorizations = b"authorizations",
        category = b"category_uid",
        class = b"class_uid",
        comment = b"comment",
        confidence = b"confidence_id",
        connection = b"connection_info",
        count = b"count",
        device = b"device",
        disposition = b"disposition_id",
        destination = b"dst_endpoint",
        duration = b"duration",
        end = b"end_time",
        entity = b"entity",
        entity_result = b"entity_result",
        evidences = b"evidences",
        file = b"file",
        finding = b"finding_info",
        rule = b"firewall_rule",
        request = b"http_request",
        response = b"http_response",
        is_alert = b"is_alert",
        is_mfa = b"is_mfa",
        metadata = b"metadata",
        policy = b"policy",
        severity = b"severity_id",
        source = b"src_endpoint",
        start = b"start_time",
        code = b"status_code",
        detail = b"status_detail",
        status = b"status_id",
        time = b"time",
        tls = b"tls",
        traffic = b"traffic",
        kind = b"type_uid",
        unmapped = b"unmapped",
        user = b"user",
    }

    #[doc = "What a record says of itself: `metadata`."]
    Metadata {
        classifications = b"data_classifications",
        correlation = b"correlation_uid",
        code = b"event_code",
        chain = b"log_name",
        logged = b"logged_time",
        product = b"product",
        sequence = b"sequence",
        uid = b"uid",
    }

    #[doc = "What OCSF has no place for and projections read: `unmapped.portcullis`."]
    Details {
        caller = b"caller",
        duration_micros = b"duration_micros",
        prev = b"prev",
        rule = b"rule",
        sink = b"sink",
        tls_group = b"tls_group",
        trace_id = b"trace_id",
    }

    #[doc = "A request: `http_request`."]
    Request {
        method = b"http_method",
        uid = b"uid",
        url = b"url",
        version = b"version",
    }

    #[doc = "Where a connection came from: `src_endpoint`."]
    Endpoint {
        ip = b"ip",
        port = b"port",
        proxy = b"proxy_endpoint",
        uid = b"uid",
    }

    #[doc = "What the connection was secured with: `tls`."]
    Tls {
        cipher = b"cipher",
        sni = b"sni",
        version = b"version",
    }
}
