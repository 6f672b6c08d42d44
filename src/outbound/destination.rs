//! Where a call may go. A host that the policy names may be anywhere. Any other, such as one that a provider's metadata
//! names, must lie outside: not on this machine, not in its network, not where clouds keep their credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::OutboundFault;
use crate::policy::http_address::{HttpAddress, HttpPlace, Origin};

/// Addresses of one host that are tried.
const MAX_ADDRESSES: usize = 8;

/// Whether a call to `address` is to a place that the policy names.
pub(super) fn is_named(address: &HttpAddress, named: &[Origin]) -> bool {
    match &address.place {
        HttpPlace::Tls(origin) => named.contains(origin),
        HttpPlace::Loopback(_) => address.origin().is_some_and(|origin| named.contains(&origin)),
        // Paths come from the policy alone: `Client::follows` refuses them anywhere else.
        HttpPlace::Unix(_) => true,
    }
}

/// The addresses of a host, all of which may be called. One that may not makes the whole answer suspect.
pub(super) async fn resolve(origin: &Origin, named: bool) -> Result<Vec<SocketAddr>, OutboundFault> {
    let found = tokio::net::lookup_host((origin.host.as_str(), origin.port)).await.map_err(|_| OutboundFault::Name)?;
    let found: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();
    if found.is_empty() {
        return Err(OutboundFault::Name);
    }
    if !named && !found.iter().all(|address| is_outside(address.ip())) {
        return Err(OutboundFault::Inside);
    }
    Ok(found)
}

/// Whether an address is one of the public internet, by the registries of special-purpose addresses (RFC 6890).
pub fn is_outside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => is_outside_v4(four),
        IpAddr::V6(six) => is_outside_v6(six),
    }
}

fn is_outside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0                            // this network
        || a == 10 || a == 127                      // private, loopback
        || (a == 100 && (64..128).contains(&b))     // carriers' own
        || (a == 169 && b == 254)                   // link-local, metadata of clouds
        || (a == 172 && (16..32).contains(&b))      // private
        || (a == 192 && b == 168)                   // private
        || (a == 192 && b == 0 && (c == 0 || c == 2)) // protocol assignments, documentation
        || (a == 192 && b == 88 && c == 99)         // 6to4 relays
        || (a == 198 && (18..20).contains(&b))      // benchmarks
        || (a == 198 && b == 51 && c == 100)        // documentation
        || (a == 203 && b == 0 && c == 113)         // documentation
        || a >= 224; // multicast, reserved, broadcast
    !special
}

fn is_outside_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // NAT64 (RFC 6052): where a cluster has no IPv4, the whole of it stands below this prefix.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_outside_v4(Ipv4Addr::new(a, b, c, d));
    }
    let global = segments[0] & 0xe000 == 0x2000;
    let special = match (segments[0], segments[1]) {
        // Protocols, Teredo among them; documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => true,
        // 6to4: may hold any IPv4 address.
        (0x2002, _) => true,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_is_what_is_not_plainly_outside() {
        for outside in ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_outside(outside.parse().expect("an address")), "{outside}");
        }
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
        ] {
            assert!(!is_outside(inside.parse().expect("an address")), "{inside}");
        }
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_followed_only_where_the_policy_names_it() {
        for host in ["localhost", "127.0.0.1", "::1"] {
            let origin = Origin { host: host.to_owned(), port: 443 };
            assert_eq!(resolve(&origin, false).await, Err(OutboundFault::Inside), "{host}");
            assert!(resolve(&origin, true).await.is_ok(), "{host}");
        }
        let nowhere = Origin { host: "nowhere.invalid".to_owned(), port: 443 };
        assert_eq!(resolve(&nowhere, true).await, Err(OutboundFault::Name));
    }
}
