//! How the app's ports are closed to everybody but this pod.

use std::collections::BTreeSet;

/// Rules for `nft`, for a pod's own network namespace, IPv4 and IPv6: what comes from outside reaches the gate, its
/// health port and what is left open, and nothing else. Whoever dials the app's port is led to the gate. Loading them
/// twice is loading them once.
pub(super) fn rules(app_port: u16, gate_port: u16, health_port: u16, open: &[u16]) -> String {
    let ports: BTreeSet<u16> = [gate_port, health_port].into_iter().chain(open.iter().copied()).collect();
    let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    format!(
        r#"table inet portcullis
delete table inet portcullis
table inet portcullis {{
  chain to_gate {{
    type nat hook prerouting priority dstnat; policy accept;
    iifname != "lo" tcp dport {app_port} redirect to :{gate_port}
  }}
  chain closed {{
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto {{ icmp, ipv6-icmp }} accept
    tcp dport {{ {ports} }} accept
  }}
}}
"#
    )
}
