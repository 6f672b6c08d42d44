//! The kernel's own lists: who listens, and which addresses are ours (proc(5), `/proc/net/tcp`, `fib_trie`, `if_inet6`).
//! The files are opened once, before the sandbox, and read again from their begin: each read is the state of now.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::FileExt as _;

/// Bytes of one list that are read: some 200,000 sockets.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Addresses of the machine that are tried.
const MOST_ADDRESSES: usize = 64;
/// The state of a listening socket (`TCP_LISTEN`).
const LISTEN: &str = "0A";

/// The lists of this network namespace.
#[derive(Debug, Default)]
pub struct Tables {
    sockets: Vec<File>,
    routes: Option<File>,
    addresses: Option<File>,
}

impl Tables {
    /// Opens them. What is not there, such as IPv6, has nothing to tell.
    pub fn open() -> Self {
        let sockets = ["/proc/net/tcp", "/proc/net/tcp6"];
        Self {
            sockets: sockets.iter().filter_map(|path| File::open(path).ok()).collect(),
            routes: File::open("/proc/net/fib_trie").ok(),
            addresses: File::open("/proc/net/if_inet6").ok(),
        }
    }

    /// Sockets beyond loopback that listen on a port.
    pub(super) fn listening(&self, port: u16) -> impl Iterator<Item = SocketAddr> {
        let mut found: Vec<SocketAddr> = self.sockets.iter().flat_map(|table| listeners(&text(table), port)).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter()
    }

    /// Who listens on a port, loopback too.
    pub fn holders(&self, port: u16) -> usize {
        self.sockets.iter().map(|table| on_port(&text(table), port).count()).sum()
    }

    /// The machine's own addresses beyond loopback and link.
    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let four = self.routes.as_ref().map(|file| local_v4(&text(file))).unwrap_or_default();
        let six = self.addresses.as_ref().map(|file| local_v6(&text(file))).unwrap_or_default();
        let mut all: Vec<IpAddr> = four.into_iter().map(IpAddr::V4).chain(six.into_iter().map(IpAddr::V6)).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().take(MOST_ADDRESSES)
    }
}

fn text(file: &File) -> String {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    while bytes.len() < MOST_BYTES {
        match file.read_at(&mut piece, bytes.len() as u64) {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Listeners of one table on a port, those on loopback left out.
fn listeners(table: &str, port: u16) -> Vec<SocketAddr> {
    on_port(table, port).filter(|address| !address.ip().to_canonical().is_loopback()).collect()
}

fn on_port(table: &str, port: u16) -> impl Iterator<Item = SocketAddr> {
    table.lines().skip(1).filter_map(move |line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, _, state) = (fields.next()?, fields.next()?, fields.next()?);
        let address = if state == LISTEN { address(local)? } else { return None };
        (address.port() == port).then_some(address)
    })
}

/// `0100007F:1F90`: words of the address as the machine has them, the port as a number.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<[u8; 4]>> = (0..ip.len() / 8)
        .map(|word| Some(u32::from_str_radix(ip.get(word * 8..word * 8 + 8)?, 16).ok()?.to_ne_bytes()))
        .collect();
    let words = words?;
    let ip = match words.as_slice() {
        [four] => IpAddr::V4(Ipv4Addr::from(*four)),
        [_, _, _, _] => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Leaves of the routing table that are marked as local host addresses.
fn local_v4(trie: &str) -> Vec<Ipv4Addr> {
    let mut last = None;
    let mut found = Vec::new();
    for line in trie.lines().map(str::trim_start) {
        if let Some(leaf) = line.strip_prefix("|-- ") {
            last = leaf.trim().parse::<Ipv4Addr>().ok();
        } else if line.starts_with("/32 host LOCAL") {
            found.extend(last.filter(|address| !address.is_loopback()));
        }
    }
    found
}

/// `fe800000000000000000000000000001 02 40 20 80 eth0`: only global addresses (scope 00), since those of a link need
/// its name to be called.
fn local_v6(table: &str) -> Vec<Ipv6Addr> {
    let parse = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let (address, scope) = (fields.next()?, fields.nth(2)?);
        let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
        (scope == "00" && !address.is_loopback()).then_some(address)
    };
    table.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0500000A:1F90 0100000A:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0500000A:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
   nonsense
";

    #[cfg(target_endian = "little")]
    #[test]
    fn only_listeners_on_the_port_and_beyond_loopback_count() {
        assert_eq!(listeners(TCP, 8080), ["0.0.0.0:8080".parse().expect("an address")]);
        assert_eq!(listeners(TCP, 8081), ["10.0.0.5:8081".parse().expect("an address")]);
        assert_eq!(listeners(TCP, 1), []);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn addresses_of_version_six_are_read_and_mapped_loopback_is_loopback() {
        let parse = |text| address(text).map(|address| address.to_string());
        assert_eq!(parse("00000000000000000000000001000000:1F90").as_deref(), Some("[::1]:8080"));
        assert_eq!(parse("B80D01200000000000000000010000 00:1F90"), None);
        assert_eq!(parse("B80D0120000000000000000001000000:1F90").as_deref(), Some("[2001:db8::1]:8080"));
        let mapped = "sl\n 0: 0000000000000000FFFF00000100007F:1F90 0:0 0A\n";
        assert_eq!(listeners(mapped, 8080), []);
    }

    #[test]
    fn own_addresses_are_the_local_ones() {
        let trie = "Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /24 link UNICAST
     |-- 10.0.0.5
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 10.0.0.255
        /32 link BROADCAST
";
        assert_eq!(local_v4(trie), [Ipv4Addr::new(10, 0, 0, 5)]);
        let six = "20010db8000000000000000000000001 02 40 00 80 eth0\nfe800000000000000000000000000001 02 40 20 80 eth0\n\
                   00000000000000000000000000000001 01 80 10 80 lo\n";
        assert_eq!(local_v6(six), ["2001:db8::1".parse::<Ipv6Addr>().expect("an address")]);
    }

    #[test]
    fn what_really_listens_is_found() {
        let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a socket");
        let inner = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
        let tables = Tables::open();
        let port = |listener: &std::net::TcpListener| listener.local_addr().expect("an address").port();
        assert_eq!(tables.listening(port(&listener)).count(), 1);
        assert_eq!(tables.listening(port(&inner)).count(), 0);
        assert_eq!(tables.holders(port(&inner)), 1);
        drop(listener);
        let late = std::net::TcpListener::bind("0.0.0.0:0").expect("a socket");
        assert_eq!(tables.listening(port(&late)).count(), 1, "each look is the state of now");
    }
}
