//! What of a record stands in one of two places, by the sort of event: an alarm has what it saw as evidence.

use super::super::index::{Path, View};

/// Where a connection came from: `src_endpoint`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'l> {
    pub ip: Option<&'l [u8]>,
    pub port: Option<&'l [u8]>,
    /// The network or pseudonym that stands for an address.
    pub uid: Option<&'l [u8]>,
    /// Whether a proxy stood in front, and the port of its own end.
    pub proxy: Option<Option<&'l [u8]>>,
}

impl<'l> Source<'l> {
    /// Of a record.
    pub fn of(view: &View<'l>) -> Self {
        let seen = view.at(Path::Source).is_none();
        let at = |own, of_evidence| view.at(if seen { of_evidence } else { own });
        let proxy = at(Path::SourceProxy, Path::SeenProxy);
        Self {
            ip: at(Path::SourceIp, Path::SeenIp),
            port: at(Path::SourcePort, Path::SeenPort),
            uid: at(Path::SourceUid, Path::SeenUid),
            proxy: proxy.map(|_| at(Path::SourceProxyPort, Path::SeenProxyPort)),
        }
    }
}

/// Who acts: `actor`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Actor<'l> {
    pub uid: Option<&'l [u8]>,
    pub name: Option<&'l [u8]>,
    /// The program that acts for nobody.
    pub app: Option<&'l [u8]>,
}

impl<'l> Actor<'l> {
    /// Of a record.
    pub fn of(view: &View<'l>) -> Self {
        let seen = view.at(Path::Actor).is_none();
        let at = |own, of_evidence| view.at(if seen { of_evidence } else { own });
        Self {
            uid: at(Path::ActorUid, Path::SeenActorUid),
            name: at(Path::ActorName, Path::SeenActorName),
            app: at(Path::ActorApp, Path::SeenActorApp),
        }
    }
}
