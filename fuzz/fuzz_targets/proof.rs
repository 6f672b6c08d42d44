//! Proofs of one record, and records as parsers write them anew.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::audit::proof::TlogProof;
use portcullis::audit::verify::canonical::canonical;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(proof) = TlogProof::parse(text)
    {
        let again = TlogProof::parse(&proof.to_string()).expect("what was written is read");
        assert_eq!(again, proof);
        let _ = proof.check();
    }
    if let Some(record) = canonical(bytes) {
        assert_eq!(canonical(&record).as_deref(), Some(&record[..]), "the canonical form is one");
        assert!(record.is_ascii());
    }
});
