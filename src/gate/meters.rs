//! What is counted by route and by limit, each worker in memory of its own; a scrape adds them up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::policy::Policy;
use crate::redact::Name;
use crate::telemetry::metrics::{
    APP_BOUNDS, BYTES_IN, BYTES_OUT, Count, LIMIT_REFUSALS, Label, MOST_LIMITS, MOST_ROUTES, NONE, OTHER,
    REQUEST_SECONDS, REQUESTS, Sheet, Spread, UPSTREAM_SECONDS,
};

/// How requests end, as metrics tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The app answered below 400.
    Served,
    /// The app answered 400 to 499.
    ClientError,
    /// The app answered 500 and above.
    ServerError,
    /// The gate said no.
    Refused,
    /// The gate or the app could not answer.
    Failed,
    /// It was let through and ended early.
    Cut,
}

/// The label's values, in the order of the enum.
const CLASSES: [&str; 6] = ["served", "client_error", "server_error", "refused", "failed", "cut"];

/// One worker's counts of one route.
#[derive(Debug)]
#[repr(align(128))]
pub struct Lane {
    ends: [Count; 6],
    whole: Spread,
    upstream: Spread,
    bytes_in: Count,
    bytes_out: Count,
}

/// How one request ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// How.
    pub class: Class,
    /// Microseconds from its begin.
    pub micros: u64,
    /// Microseconds that the app took, if it was asked.
    pub upstream: Option<u64>,
    /// Bytes of its body.
    pub bytes_in: u64,
    /// Bytes of its answer's body.
    pub bytes_out: u64,
}

impl Lane {
    fn new() -> Self {
        Self {
            ends: Default::default(),
            whole: Spread::new(&APP_BOUNDS),
            upstream: Spread::new(&APP_BOUNDS),
            bytes_in: Count::default(),
            bytes_out: Count::default(),
        }
    }

    /// Counts one.
    pub fn count(&self, ended: &Ended) {
        self.ends[ended.class as usize].add(1);
        self.whole.observe(ended.micros);
        if let Some(micros) = ended.upstream {
            self.upstream.observe(micros);
        }
        self.bytes_in.add(ended.bytes_in);
        self.bytes_out.add(ended.bytes_out);
    }
}

/// A route's lanes, one for each worker.
type Lanes = Arc<[Lane]>;

/// All that is counted of a policy. Shared by the workers; a lane is written by its worker alone.
#[derive(Debug)]
pub struct Meters {
    workers: usize,
    none: Lanes,
    other: Lanes,
    /// Of each route by its index; `None` for those that are counted as others.
    routes: Vec<Option<Lanes>>,
    /// The routes' names by index, for the next policy to find theirs.
    names: Vec<Name>,
    limits: Vec<(Name, Arc<AtomicU64>)>,
}

impl Meters {
    /// Nothing counted yet.
    pub fn new(policy: &Policy, workers: usize) -> Self {
        let lanes = || (0..workers.max(1)).map(|_| Lane::new()).collect();
        Self::of(policy, workers, (lanes(), lanes()), None)
    }

    /// For a changed policy: what keeps its name keeps its counts, what is gone is counted no more.
    pub fn renewed(&self, policy: &Policy) -> Self {
        Self::of(policy, self.workers, (Arc::clone(&self.none), Arc::clone(&self.other)), Some(self))
    }

    fn of(policy: &Policy, workers: usize, (none, other): (Lanes, Lanes), old: Option<&Self>) -> Self {
        let routes = policy.routes.routes();
        let known = |name: &Name| {
            let old = old?;
            let at = old.names.iter().position(|known| known == name)?;
            old.routes.get(at)?.clone()
        };
        let lanes = |(at, name): (usize, &Name)| {
            let has_own = at < MOST_ROUTES && ![NONE, OTHER].contains(&name.as_str());
            let new = || (0..workers.max(1)).map(|_| Lane::new()).collect();
            has_own.then(|| known(name).unwrap_or_else(new))
        };
        let names: Vec<Name> = routes.iter().map(|route| route.name.clone()).collect();
        let known_limit =
            |name: &Name| old?.limits.iter().find(|(known, _)| known == name).map(|(_, count)| Arc::clone(count));
        let limit = |limit: &Arc<crate::policy::settings::Limit>| {
            (limit.name.clone(), known_limit(&limit.name).unwrap_or_default())
        };
        Self {
            workers,
            none,
            other,
            routes: names.iter().enumerate().map(lanes).collect(),
            names,
            limits: policy.limits.iter().take(MOST_LIMITS).map(limit).collect(),
        }
    }

    /// Where a worker counts requests of a route, or of none.
    pub fn lane(&self, route: Option<usize>, worker: usize) -> Option<&Lane> {
        let lanes = match route {
            None => &self.none,
            Some(route) => self.routes.get(route).and_then(Option::as_ref).unwrap_or(&self.other),
        };
        lanes.get(worker)
    }

    /// The limit at this place refused.
    pub fn limit_refused(&self, limit: usize) {
        if let Some((_, count)) = self.limits.get(limit) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All counts. Series come with the routes: one that nobody called yet shows zeros, so that rates have a begin.
    pub fn gather(&self, sheet: &mut Sheet) {
        show(sheet, NONE.into(), &self.none);
        if self.routes.iter().any(Option::is_none) {
            show(sheet, OTHER.into(), &self.other);
        }
        for (name, lanes) in self.names.iter().zip(&self.routes) {
            if let Some(lanes) = lanes {
                show(sheet, name.into(), lanes);
            }
        }
        for (name, count) in &self.limits {
            sheet.counter(&LIMIT_REFUSALS, [name.into()], count.load(Ordering::Relaxed));
        }
    }
}

fn show(sheet: &mut Sheet, route: Label<'_>, lanes: &Lanes) {
    let sum = |of: fn(&Lane) -> &Count| lanes.iter().map(|lane| of(lane).get()).sum::<u64>();
    for (at, class) in CLASSES.into_iter().enumerate() {
        let count = lanes.iter().map(|lane| lane.ends[at].get()).sum();
        sheet.counter(&REQUESTS, [route, class.into()], count);
    }
    sheet.histogram(&REQUEST_SECONDS, [route], lanes.iter().map(|lane| &lane.whole));
    sheet.histogram(&UPSTREAM_SECONDS, [route], lanes.iter().map(|lane| &lane.upstream));
    sheet.counter(&BYTES_IN, [route], sum(|lane| &lane.bytes_in));
    sheet.counter(&BYTES_OUT, [route], sum(|lane| &lane.bytes_out));
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;
    use crate::policy::{LoadOptions, load_text};
    use crate::telemetry::metrics::MOST_SERIES;

    fn policy(routes: usize, limits: usize) -> Policy {
        let mut text = String::from(
            "version: 1\ngate: { listen: '127.0.0.1:8443', tls: { certificate: a.pem, key: b.pem } }\n\
             upstream: { url: 'http://localhost:8080' }\nredaction: { address: none }\nroutes:\n",
        );
        for route in 0..routes {
            let _ = writeln!(text, "  - {{ name: r{route}, path: '/r{route}/*', allow: [anyone] }}");
        }
        if limits > 0 {
            text.push_str("limits:\n");
        }
        for limit in 0..limits {
            let _ = writeln!(text, "  - {{ name: l{limit}, per: address, requests: {}/s }}", limit + 1);
        }
        load_text("p", &text, Path::new("/nowhere"), &LoadOptions::check()).expect("a policy").policy
    }

    const ENDED: Ended = Ended { class: Class::Served, micros: 1500, upstream: Some(900), bytes_in: 3, bytes_out: 4 };

    fn served(meters: &Meters, route: usize) -> u64 {
        meters.routes[route].iter().flat_map(|lanes| lanes.iter()).map(|lane| lane.ends[0].get()).sum()
    }

    #[test]
    fn what_keeps_its_name_keeps_its_counts_and_what_is_gone_is_gone() {
        let meters = Meters::new(&policy(3, 2), 2);
        for worker in [0, 1, 1] {
            meters.lane(Some(2), worker).expect("a lane").count(&ENDED);
        }
        meters.limit_refused(1);
        let fewer = meters.renewed(&policy(2, 1));
        assert_eq!((fewer.routes.len(), fewer.limits.len()), (2, 1));
        let again = meters.renewed(&policy(3, 2));
        assert_eq!(served(&again, 2), 3);
        assert_eq!(again.limits[1].1.load(Ordering::Relaxed), 1);
        assert_eq!(served(&fewer.renewed(&policy(3, 2)), 2), 0);
    }

    #[test]
    fn the_largest_policy_stays_below_the_bound_of_series() {
        let mut sheet = Sheet::default();
        let meters = Meters::new(&policy(2_000, 250), 4);
        meters.lane(Some(1_999), 3).expect("a lane").count(&ENDED);
        assert_eq!(meters.other[3].ends[0].get(), 1);
        meters.gather(&mut sheet);
        // 202 routes at 6 + 15 + 15 + 2 series, and 200 limits.
        assert_eq!(sheet.series(), 202 * 38 + 200);
        assert!(sheet.series() < MOST_SERIES - 1_000, "{}", sheet.series());
    }
}
