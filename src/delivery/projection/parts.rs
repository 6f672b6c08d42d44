//! A record's members by name, as they stand in its line: what projections are made of. Objects that are read member by
//! member are read on the way, so that each byte of a line is looked at once.

use super::super::members::{Next, next, value_end};

/// Members of an object.
pub trait Part<'l>: Default {
    /// Of the object that `bytes` begin with, and where it ends, if it does; empty if it is none.
    fn read(bytes: &'l [u8]) -> (Self, Option<usize>);
}

/// Of an object; empty if it is none.
pub fn of<'l, P: Part<'l>>(object: &'l [u8]) -> P {
    P::read(object).0
}

/// Makes a struct of members of an object, and what fills it in one pass; with `+`, objects of which members are read too, with `&` also as they stand.
macro_rules! parts {
    ($(
        #[doc = $what:literal]
        $name:ident { $($field:ident = $key:literal,)* $(+ $inner:ident $(& $bytes:ident)?: $kind:ident = $inner_key:literal,)* }
    )*) => {$(
        #[doc = $what]
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name<'l> {
            $(
                #[doc = stringify!($key)]
                pub $field: Option<&'l [u8]>,
            )*
            $(
                #[doc = stringify!($inner_key)]
                pub $inner: Option<$kind<'l>>,
                $(
                    #[doc = "The same as it stands."]
                    pub $bytes: Option<&'l [u8]>,
                )?
            )*
        }

        impl<'l> Part<'l> for $name<'l> {
            fn read(bytes: &'l [u8]) -> (Self, Option<usize>) {
                let mut parts = Self::default();
                let mut at = 0;
                loop {
                    let (key, begin) = match next(bytes, at) {
                        Next::Member(key, begin) => (key, begin),
                        Next::End(end) => return (parts, Some(end)),
                        Next::Nothing => return (parts, None),
                    };
                    let value = &bytes[begin..];
                    let length = match key {
                        $($inner_key if value.starts_with(b"{") => {
                            let (inner, length) = $kind::read(value);
                            parts.$inner = length.map(|_| inner);
                            $(parts.$bytes = length.map(|length| &value[..length]);)?
                            length
                        })*
                        $($key => {
                            let length = value_end(value);
                            parts.$field = length.map(|length| &value[..length]);
                            length
                        })*
                        _ => value_end(value),
                    };
                    let Some(length) = length else { return (parts, None) };
                    at = begin + length;
                }
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
        response = b"http_response",
        is_alert = b"is_alert",
        is_mfa = b"is_mfa",
        policy = b"policy",
        severity = b"severity_id",
        start = b"start_time",
        code = b"status_code",
        detail = b"status_detail",
        status = b"status_id",
        time = b"time",
        traffic = b"traffic",
        kind = b"type_uid",
        user = b"user",
        + metadata: Metadata = b"metadata",
        + request: Request = b"http_request",
        + source: Endpoint = b"src_endpoint",
        + tls: Tls = b"tls",
        + unmapped: Unmapped = b"unmapped",
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

    #[doc = "What OCSF has no place for: `unmapped`."]
    Unmapped {
        + portcullis & bytes: Details = b"portcullis",
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
