//! Manifests: the gate is put in or the file is refused; putting it in twice is doing it once, and taking it out gives the
//! file as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::inject::{Close, Options, Spool, inject, remove};

fuzz_target!(|text: &str| {
    let options = Options {
        image: "portcullis:test".to_owned(),
        close_image: "portcullis-nft:test".to_owned(),
        policies: "policies".to_owned(),
        keys: "keys".to_owned(),
        app_port: Some(8080),
        gate_port: 8443,
        health_port: 9080,
        close: Close::Nftables,
        open_ports: Vec::new(),
        spool: Spool::Empty { size: "1Gi".to_owned() },
        grace: 45,
    };
    match inject(text, &options) {
        Ok(injected) => {
            let base = remove(text).expect("what was injected is free of the gate, or can be freed");
            assert_eq!(remove(&injected.text).expect("the way back"), base);
            assert_eq!(inject(&injected.text, &options).expect("injected again").text, injected.text);
        }
        Err(fault) => drop(fault.to_string()),
    }
});
