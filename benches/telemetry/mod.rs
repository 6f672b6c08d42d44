//! What metrics and traces cost a request.

use std::hint::black_box;
use std::sync::Arc;

use http::header::HeaderMap;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use portcullis::audit::RequestId;
use portcullis::clock::{Clock, UnixMillis};
use portcullis::gate::{Class, Ended, Meters, Tally};
use portcullis::policy::Policy;
use portcullis::telemetry::spans::{Exporter, Place, Spoken, Tracing};

use super::{NOW, measure, name, once};

/// Takes what it is given.
#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

pub fn run(policy: &Policy) {
    let (meters, tally, clock) = (Meters::new(policy, 2), Tally::of(1), Clock::system());
    let ended = Ended { class: Class::Served, micros: 1_500, upstream: Some(900), bytes_in: 0, bytes_out: 2_000 };
    measure("metrics: a request, its clock call included", || {
        black_box(clock.ticks());
        tally.open.add(1);
        tally.own.observe(black_box(20));
        if let Some(lane) = meters.lane(black_box(Some(7)), 1) {
            lane.count(black_box(&ended));
        }
        tally.open.subtract(1);
    });
    measure("metrics: a refusal's code", || tally.codes.count(black_box("role_missing")));
    let place = || Place { app: "127.0.0.1".to_owned(), app_port: Some(8080), port: 8443 };
    let exporter = Exporter::start(Nowhere, &name("bench"));
    let off = Tracing::new(0, true, Arc::clone(&exporter), place());
    let (id, fields) = (RequestId::new(UnixMillis(NOW * 1000)).bits(), HeaderMap::new());
    let mut told = HeaderMap::with_capacity(16);
    measure("traces: a request that is not sampled", || {
        let trace = off.begin(black_box(id), &fields, false);
        trace.tell(&mut told);
        black_box(&trace);
    });
    let on = Tracing::new(1, true, Arc::clone(&exporter), place());
    let (route, short) = (name("/orders/v0/orders/{order_id}/address"), name("order-address"));
    let spoken = Spoken {
        method: Some("GET"),
        version: "2",
        route: Some(&route),
        name: Some(&short),
        status: 200,
        error: None,
        end: "complete",
        began: UnixMillis(NOW * 1000),
        micros: 1_500,
        upstream: Some((20, 900)),
        answered: true,
    };
    measure("traces: a sampled request's two spans", || {
        let trace = on.begin(black_box(id), &fields, false);
        on.end(&trace, &spoken);
    });
    let mut sheet = 0;
    once("metrics: a scrape's gathering, all routes", || {
        let mut all = portcullis::telemetry::metrics::Sheet::default();
        meters.gather(&mut all);
        sheet = all.series();
    });
    println!("{:<44} {sheet:>6} series", "");
}
