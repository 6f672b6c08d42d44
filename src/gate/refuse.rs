//! The answer to a refused request: a status, what HTTP demands beside it, and the incident id. Nothing else.

use std::rc::Rc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

use super::body::AnswerBody;
use super::denial::Denial;
use super::visit::Visit;
use super::{headers, meter};
use crate::policy::decide::Reason;
use crate::policy::route::Route;
use crate::policy::settings::Limit;
use crate::watch::{Held, How};

/// Refuses. `close` ends the connection after the answer.
pub fn refuse(denial: Denial, route: Option<&Route>, close: bool, mut visit: Visit) -> Response<AnswerBody> {
    let status = denial.row().status;
    visit.refused(denial);
    visit.answers(status);
    let gate = Rc::clone(visit.gate());
    let limit = denial.limit().and_then(|limit| gate.policy.limits.get(limit));
    let text = format!("{{\"incident\":\"{}\"}}\n", visit.id());
    let mut response = Response::new(AnswerBody::own(Bytes::from(text), visit));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(header::STRICT_TRANSPORT_SECURITY, headers::HSTS.clone());
    if close {
        fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    demanded(denial, status, route, limit.map(AsRef::as_ref), fields);
    response
}

/// Fields that HTTP demands beside a status.
fn demanded(denial: Denial, status: StatusCode, route: Option<&Route>, limit: Option<&Limit>, fields: &mut HeaderMap) {
    if status == StatusCode::UNAUTHORIZED {
        fields.insert(header::WWW_AUTHENTICATE, challenge(denial));
    }
    match denial {
        Denial::Policy(Reason::Method) => {
            // RFC 9110 section 15.5.6. Method names are tokens, so the list is a sound value.
            let allowed = route.map(|route| route.methods.iter().map(http::Method::as_str).collect::<Vec<_>>());
            if let Ok(allowed) = HeaderValue::try_from(allowed.unwrap_or_default().join(", ")) {
                fields.insert(header::ALLOW, allowed);
            }
        }
        Denial::Limit(spent) => meter::refusal(fields, limit, &spent),
        Denial::Sanction(Held { wait: Some(wait), .. }) => {
            fields.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)));
        }
        _ => {}
    }
}

/// `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 section 7.1), with the step-up challenge of RFC 9470 where a second
/// factor is lacking.
fn challenge(denial: Denial) -> HeaderValue {
    let (scheme, detail) = match denial {
        Denial::Policy(Reason::Mfa(max_age)) | Denial::Sanction(Held { how: How::StepUp(max_age), .. }) => (
            "Bearer",
            Some(format!(
                "error=\"insufficient_user_authentication\", error_description=\"a recent second factor is needed\", \
                 max_age=\"{}\"",
                max_age.as_secs()
            )),
        ),
        Denial::Identity(refusal) => match refusal.challenge() {
            Some((scheme, detail)) => (scheme, Some(detail.to_owned())),
            None => ("Bearer", None),
        },
        _ => ("Bearer", None),
    };
    let text = match detail {
        Some(detail) => format!("{scheme} realm=\"portcullis\", {detail}"),
        None => format!("{scheme} realm=\"portcullis\""),
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}
