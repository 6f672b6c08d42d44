mod places;
mod random;
mod refusals;

use super::*;

/// Options as the command line's defaults have them.
fn options() -> Options {
    Options {
        image: "portcullis:test".to_owned(),
        close_image: "portcullis-nft:test".to_owned(),
        policies: "policies".to_owned(),
        keys: "keys".to_owned(),
        app_port: None,
        gate_port: 8443,
        health_port: 9080,
        close: Close::Nftables,
        open_ports: Vec::new(),
        spool: Spool::Empty { size: "1Gi".to_owned() },
        grace: 45,
    }
}

fn loopback() -> Options {
    Options { close: Close::Loopback(Some(("HOST".to_owned(), "127.0.0.1".to_owned()))), ..options() }
}

/// A pod with one container, whose further lines are given.
fn pod(container: &str) -> String {
    let ports = "    ports: [{ containerPort: 8080 }]\n";
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: app\n{ports}{container}")
}

/// Injects, and checks what holds of every result.
fn there_and_back(text: &str, options: &Options) -> Injected {
    let injected = inject(text, options).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    assert_eq!(remove(&injected.text).as_deref(), Ok(text), "the way back");
    assert_eq!(inject(&injected.text, options).as_ref(), Ok(&injected), "twice is once");
    injected
}
