//! Which members of a record are found by name, and how a key within an object leads to one.

use std::sync::LazyLock;

/// Makes the list of members, and their places in it.
macro_rules! paths {
    ($($name:ident = $path:literal,)*) => {
        /// A member of a record, by its way from the root; `0` is the first item of an array.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Path {
            $(
                #[doc = $path]
                $name,
            )*
        }

        /// The ways, in the order of [`Path`].
        const WAYS: &[(&str, Path)] = &[$(($path, Path::$name),)*];

        /// How many members there are.
        pub const COUNT: usize = WAYS.len();
    };
}

paths! {
    Action = "action_id",
    Activity = "activity_id",
    ActivityName = "activity_name",
    Actor = "actor",
    ActorApp = "actor.app_name",
    ActorMfa = "actor.session.is_mfa",
    ActorName = "actor.user.name",
    ActorUid = "actor.user.uid",
    AuthProtocol = "auth_protocol",
    Category = "category_uid",
    Class = "class_uid",
    Comment = "comment",
    Confidence = "confidence_id",
    Connection = "connection_info.uid",
    Count = "count",
    Device = "device.name",
    Disposition = "disposition_id",
    Duration = "duration",
    End = "end_time",
    EntityName = "entity.name",
    EntityType = "entity.type",
    EntityUid = "entity.uid",
    FileHash = "file.hashes.0.value",
    FileName = "file.name",
    FileSize = "file.size",
    Finding = "finding_info",
    FindingAnalytic = "finding_info.analytic.uid",
    FindingTitle = "finding_info.title",
    FindingType = "finding_info.analytic.type",
    FindingUid = "finding_info.uid",
    IsAlert = "is_alert",
    IsMfa = "is_mfa",
    Listener = "dst_endpoint.svc_name",
    Metadata = "metadata",
    MetadataChain = "metadata.log_name",
    MetadataCode = "metadata.event_code",
    MetadataCorrelation = "metadata.correlation_uid",
    MetadataKinds = "metadata.data_classifications.0.discovery_details",
    MetadataLogged = "metadata.logged_time",
    MetadataSequence = "metadata.sequence",
    MetadataUid = "metadata.uid",
    MetadataVersion = "metadata.product.version",
    Ours = "unmapped.portcullis",
    OursDurationMicros = "unmapped.portcullis.duration_micros",
    OursPrev = "unmapped.portcullis.prev",
    OursRoles = "unmapped.portcullis.caller.roles",
    OursRule = "unmapped.portcullis.rule",
    OursSink = "unmapped.portcullis.sink",
    OursTlsGroup = "unmapped.portcullis.tls_group",
    OursTrace = "unmapped.portcullis.trace_id",
    Policy = "policy.uid",
    RequestMethod = "http_request.http_method",
    RequestPath = "http_request.url.path",
    RequestUid = "http_request.uid",
    RequestUrl = "http_request.url",
    RequestVersion = "http_request.version",
    ResponseCode = "http_response.code",
    Result = "entity_result",
    ResultName = "entity_result.name",
    ResultType = "entity_result.type",
    ResultUid = "entity_result.uid",
    Role = "authorizations.0.policy.name",
    RuleCategory = "firewall_rule.category",
    RuleName = "firewall_rule.name",
    RuleUid = "firewall_rule.uid",
    SeenActorApp = "evidences.0.actor.app_name",
    SeenActorMfa = "evidences.0.actor.session.is_mfa",
    SeenActorName = "evidences.0.actor.user.name",
    SeenActorUid = "evidences.0.actor.user.uid",
    SeenAllowed = "evidences.0.data.allowed",
    SeenIp = "evidences.0.src_endpoint.ip",
    SeenObserved = "evidences.0.data.observed",
    SeenOperation = "evidences.0.api.operation",
    SeenPort = "evidences.0.src_endpoint.port",
    SeenProxy = "evidences.0.src_endpoint.proxy_endpoint",
    SeenProxyPort = "evidences.0.src_endpoint.proxy_endpoint.port",
    SeenSubject = "evidences.0.data.subject",
    SeenUid = "evidences.0.src_endpoint.uid",
    SeenWindow = "evidences.0.data.window_seconds",
    Severity = "severity_id",
    Source = "src_endpoint",
    SourceIp = "src_endpoint.ip",
    SourcePort = "src_endpoint.port",
    SourceProxy = "src_endpoint.proxy_endpoint",
    SourceProxyIp = "src_endpoint.proxy_endpoint.ip",
    SourceProxyPort = "src_endpoint.proxy_endpoint.port",
    SourceProxyUid = "src_endpoint.proxy_endpoint.uid",
    SourceUid = "src_endpoint.uid",
    Start = "start_time",
    Status = "status_id",
    StatusCode = "status_code",
    StatusDetail = "status_detail",
    Time = "time",
    Tls = "tls",
    TlsCipher = "tls.cipher",
    TlsSni = "tls.sni",
    TlsVersion = "tls.version",
    TrafficIn = "traffic.bytes_in",
    TrafficOut = "traffic.bytes_out",
    Type = "type_uid",
    User = "user",
    UserType = "user.type",
    UserUid = "user.uid",
}

/// An object or array on a way.
pub type Node = usize;
/// None that is on one.
pub const NOWHERE: Node = 0;
/// The record itself.
pub const ROOT: Node = 1;
/// The key under which an array has its first item.
const FIRST: &str = "0";

/// A key of an object that is on some way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// The object; [`NOWHERE`] in a place of the table that is free.
    node: Node,
    /// The key.
    key: &'static str,
    /// The member, if it is one of [`Path`].
    pub path: Option<Path>,
    /// What it leads on to.
    pub child: Node,
}

/// All of them, by a hash: places are four times as many as keys, so that most are found at the first look.
pub struct Table {
    places: Box<[Known; PLACES]>,
    /// For each node, what its first item leads to, if it is an array.
    firsts: Vec<Node>,
}

const PLACES: usize = 512;

impl Table {
    /// The one table that there is.
    pub fn get() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(Table::make);
        &TABLE
    }

    fn make() -> Self {
        let mut table = Self { places: Box::new([Known::default(); PLACES]), firsts: vec![NOWHERE; ROOT + 1] };
        for (way, path) in WAYS {
            let mut node = ROOT;
            let mut keys = way.split('.').peekable();
            while let Some(key) = keys.next() {
                let at = table.place(node, key.as_bytes());
                table.places[at].node = node;
                table.places[at].key = key;
                if keys.peek().is_none() {
                    table.places[at].path = Some(*path);
                    break;
                }
                if table.places[at].child == NOWHERE {
                    table.places[at].child = table.firsts.len();
                    table.firsts.push(NOWHERE);
                }
                let child = table.places[at].child;
                if key == FIRST {
                    table.firsts[node] = child;
                }
                node = child;
            }
        }
        table
    }

    /// Where a key of an object stands, or would stand.
    #[inline]
    fn place(&self, node: Node, key: &[u8]) -> usize {
        let mut at = hash(node, key);
        while self.places[at].node != NOWHERE && (self.places[at].node != node || self.places[at].key.as_bytes() != key)
        {
            at = (at + 1) % PLACES;
        }
        at
    }

    /// What a key of an object leads to.
    #[inline]
    pub fn find(&self, node: Node, key: &[u8]) -> Option<&Known> {
        Some(&self.places[self.place(node, key)]).filter(|known| known.node != NOWHERE)
    }

    /// What the first item of an array leads to.
    pub fn first(&self, node: Node) -> Node {
        self.firsts[node]
    }
}

/// Begin and end of a key and its length tell nearly all of them apart.
#[inline]
fn hash(node: Node, key: &[u8]) -> usize {
    let (begin, end) = match (key.first_chunk::<4>(), key.last_chunk::<4>()) {
        (Some(begin), Some(end)) => (u32::from_le_bytes(*begin), u32::from_le_bytes(*end)),
        _ => (key.first().copied().unwrap_or(0).into(), key.last().copied().unwrap_or(0).into()),
    };
    let mixed = (u64::from(begin) << 32 | u64::from(end)) ^ ((node as u64) << 40 | (key.len() as u64) << 20);
    // The highest bits of a product hang on all bits (Knuth, volume 3, section 6.4).
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.ilog2())) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_found_and_nothing_else() {
        let table = Table::get();
        for (way, path) in WAYS {
            let (mut node, mut found) = (ROOT, None);
            for key in way.split('.') {
                let known = table.find(node, key.as_bytes()).unwrap_or_else(|| panic!("{way}"));
                assert!(key != FIRST || table.first(node) == known.child || known.path.is_some(), "{way}");
                (node, found) = (known.child, known.path);
            }
            assert_eq!(found, Some(*path), "{way}");
        }
        for strange in ["", "a", "uid", "metadat", "metadata1", "evidences.0"] {
            assert!(table.find(ROOT, strange.as_bytes()).is_none(), "{strange}");
        }
        let keys = table.places.iter().filter(|known| known.node != NOWHERE).count();
        assert!(keys * 3 < PLACES, "{keys} keys: make the table larger");
    }
}
