//! The cache must make nothing true that the token alone would not.

use super::*;

#[test]
fn token_expires_while_it_is_cached() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    let first = gate.bearer(&token, NOW).unwrap_or_else(|refusal| panic!("{}", refusal.code()));
    let again = gate.bearer(&token, NOW + 1).unwrap_or_else(|refusal| panic!("{}", refusal.code()));
    assert!(Arc::ptr_eq(&first, &again), "it came from the cache");
    assert!(gate.bearer(&token, NOW + 3600 + 29).is_ok());
    assert_eq!(refusal(gate.bearer(&token, NOW + 3600 + 30)), IdentityRefusal::TokenExpired);
    assert_eq!(refusal(gate.bearer(&token, NOW + 3600 + 30)), IdentityRefusal::TokenExpired, "and once it is gone");
}

#[test]
fn token_is_not_valid_when_the_clock_goes_back_before_it() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    assert!(gate.bearer(&token, NOW).is_ok());
    assert_eq!(refusal(gate.bearer(&token, NOW - 31)), IdentityRefusal::TokenNotYetValid);
    assert!(gate.bearer(&token, NOW).is_ok(), "and is again, once the clock is right");
}

#[test]
fn token_cache_cannot_be_poisoned_by_a_twin() {
    let gate = Gate::new();
    let token = gate.token("alice", &["warehouse"], true);
    assert!(gate.bearer(&token, NOW).is_ok());
    // Same header and claims, another signature: neither found by the cache nor kept by it.
    let (signed, signature) = token.rsplit_once('.').expect("a dot");
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    bytes[5] ^= 1;
    let twin = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&bytes));
    for _ in 0..3 {
        assert_eq!(refusal(gate.bearer(&twin, NOW)), IdentityRefusal::TokenSignature);
    }
    assert!(gate.bearer(&token, NOW).is_ok());
    // A forged token that comes first leaves nothing behind either.
    let other = gate.token("bob", &[], false);
    let forged = format!("{}.{signature}", other.rsplit_once('.').expect("a dot").0);
    assert_eq!(refusal(gate.bearer(&forged, NOW)), IdentityRefusal::TokenSignature);
    let bob = gate.bearer(&other, NOW).unwrap_or_else(|refusal| panic!("{}", refusal.code()));
    assert_eq!(bob.subject(), "bob");
}

#[test]
fn token_cache_is_bounded() {
    use crate::identity::cache::{TokenCache, TokenDigest, VerifiedToken};
    let gate = Gate::new();
    let identity = gate.bearer(&gate.token("alice", &[], false), NOW).unwrap_or_else(|why| panic!("{}", why.code()));
    let cache = TokenCache::new();
    let digest = |number: u32| TokenDigest::of(&number.to_le_bytes());
    for number in 0..30_000 {
        let identity = Arc::clone(&identity);
        let token =
            VerifiedToken { identity, not_before: 0, expires: u64::MAX, issuer: 0, generation: 0, confirmation: None };
        cache.insert(digest(number), token);
    }
    assert!((0..30_000).filter(|&number| cache.get(&digest(number)).is_some()).count() <= 10_000);
}
