//! `gate.headers:` under which names the app hears who calls.

use std::sync::Arc;

use http::HeaderName;

/// The caller: `user:alice@seller.example`.
pub const CALLER: &str = "x-portcullis-caller";
/// Its roles, separated by commas.
pub const ROLES: &str = "x-portcullis-roles";
/// A signed assertion of both.
pub const ASSERTION: &str = "x-portcullis-assertion";

/// Names of the headers by which the app hears who calls. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppHeaders(Arc<Names>);

#[derive(Debug, PartialEq, Eq)]
struct Names {
    caller: HeaderName,
    user: Option<HeaderName>,
    roles: HeaderName,
    assertion: HeaderName,
    /// Those that are not of the gate's own family, with nothing but their letters and digits.
    folded: Box<[Box<[u8]>]>,
}

impl AppHeaders {
    /// Names that the policy gives, and the gate's own for the rest.
    pub fn new(
        caller: Option<HeaderName>,
        user: Option<HeaderName>,
        roles: Option<HeaderName>,
        assertion: Option<HeaderName>,
    ) -> Self {
        let given = [&caller, &user, &roles, &assertion].into_iter().flatten();
        let folded = given.map(|name| fold(name.as_str()).collect()).collect();
        Self(Arc::new(Names {
            caller: caller.unwrap_or(HeaderName::from_static(CALLER)),
            user,
            roles: roles.unwrap_or(HeaderName::from_static(ROLES)),
            assertion: assertion.unwrap_or(HeaderName::from_static(ASSERTION)),
            folded,
        }))
    }

    /// Who calls, with the kind: `user:alice@seller.example`.
    pub fn caller(&self) -> &HeaderName {
        &self.0.caller
    }

    /// A token's subject by itself, for apps that know nothing else; not set for certificates and API keys, whose names
    /// are not people's.
    pub fn user(&self) -> Option<&HeaderName> {
        self.0.user.as_ref()
    }

    /// The caller's roles.
    pub fn roles(&self) -> &HeaderName {
        &self.0.roles
    }

    /// The signed assertion.
    pub fn assertion(&self) -> &HeaderName {
        &self.0.assertion
    }

    /// Whether a header is one of those that the policy names, in a spelling that some framework would take for it.
    pub fn own(&self, name: &str) -> bool {
        self.0.folded.iter().any(|known| fold(name).eq(known.iter().copied()))
    }
}

impl Default for AppHeaders {
    fn default() -> Self {
        Self::new(None, None, None, None)
    }
}

/// A name as it is left once case and everything but ASCII letters and digits is taken away: CGI and WSGI read
/// `Remote_User` and `Remote-User` alike.
pub fn fold(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_of_the_policy_are_ours_in_every_spelling() {
        let user = HeaderName::from_static("remote-user");
        let headers = AppHeaders::new(None, Some(user), None, None);
        for spelling in ["remote-user", "Remote_User", "REMOTE-USER", "remoteuser", "remote-user.", "-remote.user-"] {
            assert!(headers.own(spelling), "{spelling}");
        }
        for other in ["remote-users", "x-remote-user", "remote", "user", ""] {
            assert!(!headers.own(other), "{other}");
        }
        assert!(!AppHeaders::default().own("x-portcullis-caller"), "that family is protected as a whole");
    }
}
