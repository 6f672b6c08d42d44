//! Key sets by a clock that the test owns; what providers do over the wire is tried from outside.

use std::path::Path;

use super::*;
use crate::clock::{Manual, UnixMillis};
use crate::identity::dev;
use crate::policy::settings::TokenAlgorithm;

/// A moment that every test begins at, in seconds.
const NOW: u64 = 1_767_225_600;
const HOUR: u64 = 3600;

fn clock() -> (Providers, Arc<Manual>) {
    let (clock, hands) = Clock::manual(UnixMillis(NOW * 1000));
    (Providers::new(&Arc::new(rustls::crypto::aws_lc_rs::default_provider()), clock), hands)
}

fn settings(change: impl FnOnce(&mut TokenSettings)) -> Arc<TokenSettings> {
    let algorithms = [TokenAlgorithm::Es256];
    let mut settings = TokenSettings {
        keys: Some(KeySource::Discover(HttpAddress::parse("https://idp.example").expect("an address"))),
        keys_max_age: Duration::from_secs(HOUR),
        ..TokenSettings::local("https://idp.example", "seller-app", "unused".into(), &algorithms)
    };
    change(&mut settings);
    Arc::new(settings)
}

fn keys(providers: &Providers, settings: &Arc<TokenSettings>) -> Arc<RemoteKeys> {
    providers.keys(settings).unwrap_or_else(|fault| panic!("{fault}"))
}

fn adopt(keys: &RemoteKeys, text: &str, at: u64) {
    let set = KeySet::parse(text.as_bytes(), &[TokenAlgorithm::Es256]).expect("a set");
    keys.adopt(set, text.as_bytes(), at);
}

fn set() -> String {
    dev::signing_pair().expect("a pair").jwks
}

#[test]
fn key_set_is_used_until_it_is_too_old_and_not_a_second_longer() {
    let (providers, _hands) = clock();
    let keys = keys(&providers, &settings(|_| {}));
    assert!(keys.usable(NOW).is_none(), "nothing was fetched yet");
    let text = set();
    adopt(&keys, &text, NOW);
    assert!(keys.usable(NOW + HOUR - 1).is_some());
    assert!(keys.usable(NOW + HOUR).is_none());
    assert_eq!((keys.holds(1, NOW + HOUR - 1), keys.holds(1, NOW + HOUR)), (Some(true), None));
    // Fetched again, the same as before: what verified under it goes on.
    adopt(&keys, &text, NOW + 100);
    assert_eq!(keys.holds(1, NOW + HOUR + 99), Some(true));
    // Another set: nothing that verified under the old one does.
    adopt(&keys, &set(), NOW + 200);
    assert_eq!((keys.holds(1, NOW + 200), keys.holds(2, NOW + 200)), (Some(false), Some(true)));
}

#[test]
fn key_set_outlives_a_policy_whose_issuer_is_the_same() {
    let (providers, _hands) = clock();
    let first = keys(&providers, &settings(|_| {}));
    adopt(&first, &set(), NOW);
    let same = settings(|other| {
        other.audience = "another-app".to_owned();
        other.roles = Some("groups".to_owned());
    });
    assert!(Arc::ptr_eq(&first, &keys(&providers, &same)), "what decides which keys there are is the same");
    for other in [
        settings(|other| other.issuer = "https://other.example".to_owned()),
        settings(|other| other.algorithms = vec![TokenAlgorithm::Rs256]),
        settings(|other| other.keys_max_age = Duration::from_secs(2 * HOUR)),
        settings(|other| other.provider.hosts = vec![Origin { host: "inside".to_owned(), port: 443 }]),
    ] {
        assert!(!Arc::ptr_eq(&first, &keys(&providers, &other)));
    }
    assert_eq!(providers.states().len(), 1, "of the others nobody has anything any more");
    let state = providers.states().remove(0);
    assert_eq!((state.issuer.as_str(), state.usable, state.fetched), ("https://idp.example", true, NOW));
    drop(first);
    assert!(providers.states().is_empty());
}

#[test]
fn key_set_is_wished_for_at_most_once_in_half_a_minute() {
    let (providers, hands) = clock();
    let keys = keys(&providers, &settings(|_| {}));
    let granted = |count: u32| (0..count).filter(|_| keys.wish()).count();
    assert_eq!(granted(100), 1);
    hands.advance(Duration::from_secs(29));
    assert_eq!(granted(100), 0);
    hands.advance(Duration::from_secs(1));
    assert_eq!(granted(100), 1);
    // The wall clock has no say in it.
    hands.set_wall(UnixMillis(0));
    assert_eq!(granted(100), 0);
}

#[tokio::test(start_paused = true)]
async fn key_set_that_does_not_come_is_not_waited_for_long() {
    let (providers, _hands) = clock();
    let keys = keys(&providers, &settings(|_| {}));
    // Nobody fetches: the wish is granted, and nothing comes of it.
    assert!(!keys.look_again().await);
    // The next has no wish left, and nothing is on its way.
    assert!(!keys.look_again().await);
    providers.settled(Duration::from_secs(3)).await;
}

#[test]
fn key_set_that_was_kept_is_as_old_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys.json");
    let kept = |path: &Path| settings(|settings| settings.keys_cache = Some(path.to_owned()));
    let (providers, _hands) = clock();
    let first = keys(&providers, &kept(&path));
    first.remember(set().as_bytes(), NOW - HOUR + 10);
    drop(first);
    let again = keys(&providers, &kept(&path));
    assert!(again.usable(NOW).is_some());
    assert!(again.usable(NOW + 10).is_none(), "its hour began when it was fetched, not when it was read");
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 1, "nothing is left beside it");
}
