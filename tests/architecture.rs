//! What `src/lib.rs` says of the house, held: who imports whom, who opens sockets, who turns files into structs, how
//! long a file is. Reads the source as text; a rule that needs more than that belongs to the compiler or to clippy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by level; imports point to lower ones, or sideways without a circle.
const LEVELS: &[&[&str]] = &[
    &["clock", "redact", "telemetry", "wire"],
    &["policy", "audit", "upstream", "outbound", "identity", "delivery", "inject"],
    &["limits", "shared", "watch"],
    &["gate"],
    &["admin", "edge", "report", "deploy"],
    &["app"],
    &["cli"],
];

/// Calls that open a socket or take one over.
const SOCKETS: &[&str] = &[
    "TcpStream::connect",
    "TcpStream::from_std",
    "TcpListener::bind",
    "TcpListener::from_std",
    "TcpSocket::new",
    "UnixStream::connect",
    "UnixListener::bind",
    "UnixDatagram::",
    "UdpSocket::bind",
    "Socket::new(",
];

/// Where sockets may be opened: every one is a way in or a way out that the policy must know of.
const SOCKET_PLACES: &[&str] = &[
    "admin/",
    "edge/",
    "upstream/",
    "outbound/",
    "deploy/side_door/probe.rs",
    "deploy/handover.rs",
    "cli/admin/",
    "cli/demo/",
];

/// Where files and messages may become structs by derive: our own records, read back. The policy and credentials are read
/// by decoders that know every key.
const DERIVES_DESERIALIZE: &[&str] = &["report/record/line.rs"];

/// Longest file, tests aside.
const MOST_LINES: usize = 400;

/// Longer ones, and why they may be.
const LONG_FILES: &[(&str, &str)] = &[];

/// `expect` outside tests, for each thousand lines.
const EXPECTS_PER_THOUSAND: usize = 1;

/// A source file without its tests and comments.
struct Source {
    /// Below `src/`: `gate/mod.rs`.
    name: String,
    /// Lines of the file up to its tests.
    lines: usize,
    code: String,
}

impl Source {
    /// The top-level module that the file belongs to.
    fn room(&self) -> &str {
        let first = self.name.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn stands_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| self.name.starts_with(place) || self.name.strip_suffix(".rs") == place.strip_suffix('/'))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let sources: Vec<_> = files.iter().filter_map(|file| read(&root, file)).collect();
    assert!(sources.len() > 50, "the source was not found");
    sources
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// `None` for files that are tests altogether.
fn read(root: &Path, file: &Path) -> Option<Source> {
    let name = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "testing.rs");
    if name.split('/').any(is_test) {
        return None;
    }
    let text = fs::read_to_string(file).unwrap();
    let mut code = String::new();
    let mut lines = 0;
    let mut rest = text.lines().peekable();
    while let Some(line) = rest.next() {
        // Test modules stand at a file's end.
        if line == "#[cfg(test)]" && rest.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{')) {
            break;
        }
        lines += 1;
        let line = line.split_once("// ").map_or(line, |(code, _)| code);
        if !line.trim_start().starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    Some(Source { name, lines, code })
}

fn level(room: &str) -> usize {
    let found = LEVELS.iter().position(|rooms| rooms.contains(&room));
    found.unwrap_or_else(|| panic!("`{room}` has no level: give it one here, in src/lib.rs and in its table"))
}

/// Every room's imports from others, with a file that has each.
fn imports(sources: &[Source]) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let rooms: BTreeSet<&str> =
        sources.iter().map(Source::room).filter(|room| !matches!(*room, "lib" | "main")).collect();
    let mut graph: BTreeMap<&str, BTreeMap<&str, &str>> = rooms.iter().map(|room| (*room, BTreeMap::new())).collect();
    for source in sources {
        let from = source.room();
        for (at, _) in source.code.match_indices("crate::") {
            let rest = &source.code[at + "crate::".len()..];
            assert!(
                !rest.starts_with('{'),
                "{}: one `use crate::…` for each room, so that they can be read",
                source.name
            );
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            if let Some(to) = rooms.get(&rest[..end])
                && *to != from
                && let Some(room) = graph.get_mut(from)
            {
                room.entry(to).or_insert(&source.name);
            }
        }
    }
    graph
}

#[test]
fn imports_point_down() {
    let sources = sources();
    let mut wrong = Vec::new();
    for (from, rooms) in imports(&sources) {
        for (to, file) in rooms {
            if level(to) > level(from) {
                wrong.push(format!("{file}: `{from}` imports `{to}`, which stands above it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_make_no_circle() {
    let sources = sources();
    let mut graph = imports(&sources);
    // Rooms that import nothing that is left are taken out, until there is none: what stays is in a circle.
    loop {
        let left: BTreeSet<&str> = graph.keys().copied().collect();
        let Some(leaf) = left.iter().find(|room| graph[*room].keys().all(|to| !left.contains(to))) else { break };
        graph.remove(leaf);
    }
    assert!(graph.is_empty(), "in a circle: {graph:?}");
}

#[test]
fn the_map_shows_every_room() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let shown: Vec<String> = LEVELS.iter().map(|rooms| rooms.join(" ")).collect();
    assert!(map.contains(&shown.join(" < ")), "src/lib.rs shows other levels than these");
    for room in LEVELS.iter().flat_map(|rooms| rooms.iter()) {
        assert!(map.contains(&format!("//! | [`{room}`] |")), "`{room}` is missing in the table of src/lib.rs");
        assert!(map.contains(&format!("pub mod {room};")), "`{room}` is not there any more");
    }
}

#[test]
fn sockets_are_opened_where_the_policy_knows_of_them() {
    must_be_absent(SOCKETS, SOCKET_PLACES, "opens a socket");
}

#[test]
fn structs_are_read_from_files_in_known_places() {
    for source in sources() {
        let derives = source.code.match_indices("derive(").any(|(at, _)| {
            let list = &source.code[at..];
            list[..list.find(')').unwrap_or(list.len())].contains("Deserialize")
        });
        assert!(!derives || source.stands_in(DERIVES_DESERIALIZE), "{} derives Deserialize", source.name);
    }
}

#[test]
fn the_own_log_is_the_only_user_of_tracing() {
    must_be_absent(
        &["tracing::"],
        &["telemetry/"],
        "logs past `telemetry::log`, whose fields cannot hold a request's text",
    );
}

#[test]
fn nothing_is_left_undone() {
    must_be_absent(&["todo!", "unimplemented!", "FIXME", "XXX"], &[], "is unfinished");
}

#[test]
fn nothing_is_unwrapped_and_few_things_expected() {
    must_be_absent(&[".unwrap()", ".unwrap_err()"], &[], "unwraps");
    let sources = sources();
    let lines: usize = sources.iter().map(|source| source.lines).sum();
    let expects: Vec<&str> =
        sources.iter().flat_map(|source| source.code.matches(".expect(\"").map(|_| source.name.as_str())).collect();
    assert!(expects.len() * 1000 <= lines * EXPECTS_PER_THOUSAND, "{} in {lines} lines: {expects:?}", expects.len());
}

#[test]
fn every_fuzzer_is_built_and_begins_with_something() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let seeds = fs::read_to_string(fuzz.join("seeds.py")).unwrap();
    let mut readers = Vec::new();
    walk(&fuzz.join("fuzz_targets"), &mut readers);
    assert!(readers.len() > 10, "the fuzzers were not found");
    for reader in readers {
        let name = reader.file_stem().unwrap().to_str().unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "fuzz/Cargo.toml: `{name}` is not built");
        assert!(seeds.contains(&format!("        \"{name}\": ")), "fuzz/seeds.py: `{name}` begins with nothing");
    }
}

#[test]
fn files_are_short() {
    for source in sources() {
        let reason = LONG_FILES.iter().find(|(name, _)| *name == source.name);
        let long = source.lines > MOST_LINES;
        assert!(!long || reason.is_some(), "{} has {} lines without its tests", source.name, source.lines);
        assert!(long || reason.is_none(), "{} is short now; take it off the list", source.name);
    }
}

/// No file outside `places` holds one of `needles`.
fn must_be_absent(needles: &[&str], places: &[&str], fault: &str) {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.stands_in(places)) {
        for (number, line) in source.code.lines().enumerate() {
            if let Some(needle) = needles.iter().find(|needle| line.contains(*needle)) {
                wrong.push(format!("{}, about line {}, {fault}: {needle}", source.name, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
