use super::*;

const DAY: u64 = 86_400;
/// Monday at nine.
const START: u64 = 1_793_577_600 + 9 * 3600;

fn at(day: u64, hour: u64) -> u64 {
    START + day * DAY + hour * 3600
}

fn call(now: u64, network: u64, client: u64, route: u32) -> Call {
    let (network, client) = (network << 32, client << 32);
    Call {
        caller: 7 << 32,
        network,
        client,
        route: Some(route),
        period: now / 3600,
        now,
        learning: now < START + 14 * DAY,
        alone: false,
    }
}

fn excess(observed: u64, allowed: u64, signs: u8) -> Excess {
    Excess { observed, allowed, learning: false, signs: Signs(signs) }
}

/// Four weeks at the office, from nine to noon.
fn settled(familiar: &mut Familiar) -> Origins {
    let mut origins = Origins::new(START);
    for day in (0..28).filter(|day| day % 7 < 5) {
        for hour in 0..3 {
            assert_eq!(origins.see(&call(at(day, hour), 1, 5, 9), familiar), None);
        }
    }
    origins
}

#[test]
fn who_never_moves_is_told_of_at_the_first_call_from_elsewhere() {
    let mut origins = settled(&mut Familiar::default());
    let found = origins.see(&call(at(28, 1), 2, 5, 9), &mut Familiar::default());
    assert_eq!(found, Some(excess(1, 0, 1)));
    let found = origins.see(&call(at(28, 14), 2, 6, 3), &mut Familiar::default());
    assert_eq!(found, Some(excess(4, 0, 15)), "program, route and hour");
    assert_eq!(origins.see(&call(at(29, 1), 1, 5, 9), &mut Familiar::default()), None, "at the office");
    assert!(origins.see(&call(at(30, 1), 2, 5, 9), &mut Familiar::default()).is_some(), "on trial");
    assert_eq!(origins.see(&call(at(35, 2), 2, 5, 9), &mut Familiar::default()), None, "a week later");
}

#[test]
fn who_moves_often_is_told_of_with_further_signs_and_nothing_from_elsewhere_becomes_usual() {
    let familiar = &mut Familiar::default();
    let mut origins = settled(familiar);
    assert!(origins.see(&call(at(28, 1), 2, 5, 9), familiar).is_some());
    assert!(origins.see(&call(at(28, 2), 20, 5, 9), familiar).is_some());
    assert_eq!(origins.see(&call(at(29, 1), 3, 5, 9), familiar), None, "a third journey");
    assert!(origins.see(&call(at(29, 2), 3, 6, 9), familiar).is_some(), "with another program");
    assert!(origins.see(&call(at(30, 1), 4, 6, 9), familiar).is_some(), "the program is new still");
    assert_eq!(origins.see(&call(at(31, 1), 10, 5, 9), familiar), None);
    for network in 100..150 {
        assert_eq!(origins.see(&call(at(31, 1), network, 5, 9), familiar), None);
    }
    assert_eq!(origins.see(&call(at(31, 1), 70, 6, 9), familiar), None, "it takes two by now");
    let found = origins.see(&call(at(31, 1), 70, 6, 8), familiar);
    assert_eq!(found, Some(excess(3, 2, 7)));
    assert_eq!(origins.see(&call(at(32, 1), 1, 5, 9), familiar), None, "the office was not put out");
    assert!(origins.networks.len() <= MOST_NETWORKS);
    origins.trust();
    assert_eq!(origins.see(&call(at(32, 1), 70, 6, 8), familiar), None, "an operator knows of it");
}

#[test]
fn a_network_of_several_callers_is_nobodys_sign_and_one_that_learns_is_not_told_of() {
    let mut familiar = Familiar::default();
    for caller in 1..=3_u64 {
        let mut other = Origins::new(START);
        other.see(&Call { caller: caller << 32, ..call(at(28, 0), 2, 5, 9) }, &mut familiar);
    }
    let mut origins = settled(&mut familiar);
    assert_eq!(origins.see(&call(at(28, 1), 2, 6, 3), &mut familiar), None);
    let mut early = Origins::new(START);
    assert_eq!(early.see(&call(at(1, 0), 1, 5, 9), &mut familiar), None);
    assert_eq!(early.see(&call(at(2, 15), 3, 6, 8), &mut familiar), None);
    let mut bytes = Vec::new();
    origins.put(&mut bytes);
    let again = Origins::read(&mut Bytes::of(&bytes)).expect("whole");
    assert_eq!((again.networks, again.clients), (origins.networks, origins.clients));
    for cut in 0..bytes.len() {
        assert!(Origins::read(&mut Bytes::of(&bytes[..cut])).is_err(), "{cut}");
    }
}
