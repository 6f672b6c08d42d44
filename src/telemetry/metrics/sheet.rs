//! One scrape: numbers are gathered from where they are kept into families, and written as text by the `prometheus`
//! crate's registry and encoder.

use std::collections::HashMap;
use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Bucket, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder as _, Registry, TextEncoder};

use super::{ALL, Counter, Family, Gauge, Histogram, MOST_SERIES, SERIES_LEFT_OUT, Spread};
use crate::redact::Name;

/// A label's value. Closed: a name of the policy, or a word of our own source.
#[derive(Clone, Copy, Debug)]
pub enum Label<'a> {
    /// From configuration.
    Name(&'a Name),
    /// From our own source.
    Word(&'static str),
}

impl<'a> From<&'a Name> for Label<'a> {
    fn from(name: &'a Name) -> Self {
        Self::Name(name)
    }
}

impl From<&'static str> for Label<'_> {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl Label<'_> {
    fn text(self) -> String {
        match self {
            Self::Name(name) => name.as_str().to_owned(),
            Self::Word(word) => word.to_owned(),
        }
    }
}

/// Whatever has numbers to tell at a scrape. May take locks that are held for moments, and does no input or output.
pub trait Source: Send + Sync {
    /// Gives them.
    fn gather(&self, sheet: &mut Sheet);
}

/// The numbers of one scrape.
#[derive(Debug, Default)]
pub struct Sheet {
    families: HashMap<&'static str, Vec<Metric>>,
    series: usize,
    left_out: u64,
}

impl Sheet {
    /// A number that only grows.
    pub fn counter<const N: usize>(&mut self, family: &Family<Counter, N>, labels: [Label<'_>; N], value: u64) {
        self.counter_of(family, labels, number(value));
    }

    /// The same, where it is no whole number.
    pub fn counter_of<const N: usize>(&mut self, family: &Family<Counter, N>, labels: [Label<'_>; N], value: f64) {
        let mut counter = prometheus::proto::Counter::default();
        counter.set_value(value);
        if let Some(metric) = self.metric(family.name, &family.labels, labels, 1) {
            metric.set_counter(counter);
        }
    }

    /// A number that goes up and down.
    pub fn gauge<const N: usize>(&mut self, family: &Family<Gauge, N>, labels: [Label<'_>; N], value: u64) {
        let mut gauge = prometheus::proto::Gauge::default();
        gauge.set_value(number(value));
        if let Some(metric) = self.metric(family.name, &family.labels, labels, 1) {
            metric.set_gauge(gauge);
        }
    }

    /// A distribution, the sum of several threads'; with the same bounds.
    pub fn histogram<'s, const N: usize>(
        &mut self,
        family: &Family<Histogram, N>,
        labels: [Label<'_>; N],
        spreads: impl IntoIterator<Item = &'s Spread>,
    ) {
        let (mut counts, mut micros, mut bounds) = ([0; 13], 0, None);
        for spread in spreads {
            bounds = Some(spread.bounds());
            spread.add_to(&mut counts, &mut micros);
        }
        let Some(bounds) = bounds else { return };
        let mut below = 0;
        let buckets: Vec<Bucket> = bounds
            .iter()
            .zip(counts)
            .map(|(bound, count)| {
                below += count;
                let mut bucket = Bucket::default();
                bucket.set_upper_bound(seconds(*bound));
                bucket.set_cumulative_count(below);
                bucket
            })
            .collect();
        let mut histogram = prometheus::proto::Histogram::default();
        histogram.set_sample_sum(seconds(micros));
        histogram.set_sample_count(counts.iter().sum());
        histogram.set_bucket(buckets);
        // The last bucket, the sum and the count are series as well.
        if let Some(metric) = self.metric(family.name, &family.labels, labels, bounds.len() + 3) {
            metric.set_histogram(histogram);
        }
    }

    /// How many series there are so far.
    pub const fn series(&self) -> usize {
        self.series
    }

    fn metric<const N: usize>(
        &mut self,
        family: &'static str,
        names: &[&'static str; N],
        values: [Label<'_>; N],
        series: usize,
    ) -> Option<&mut Metric> {
        if self.series + series > MOST_SERIES {
            self.left_out += series as u64;
            return None;
        }
        self.series += series;
        let pair = |(name, value): (&&str, Label<'_>)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value(value.text());
            pair
        };
        let metrics = self.families.entry(family).or_default();
        metrics.push(Metric::from_label(names.iter().zip(values).map(pair).collect()));
        metrics.last_mut()
    }

    fn into_families(mut self) -> Vec<MetricFamily> {
        self.series = 0;
        let left_out = self.left_out;
        self.gauge(&SERIES_LEFT_OUT, [], left_out);
        let mut families = Vec::new();
        for row in ALL {
            let Some(metrics) = self.families.remove(row.name) else { continue };
            let mut family = MetricFamily::default();
            family.set_name(row.name.to_owned());
            family.set_help(row.help.to_owned());
            family.set_field_type(match row.kind {
                "counter" => MetricType::COUNTER,
                "gauge" => MetricType::GAUGE,
                _ => MetricType::HISTOGRAM,
            });
            family.set_metric(metrics);
            families.push(family);
        }
        families
    }
}

#[expect(clippy::cast_precision_loss, reason = "the format has floating point alone; counts below 2^53 are exact")]
const fn number(value: u64) -> f64 {
    value as f64
}

fn seconds(micros: u64) -> f64 {
    number(micros) / 1e6
}

/// Gathers when it is asked.
struct Gatherer {
    descriptions: Vec<Desc>,
    sources: Vec<Arc<dyn Source>>,
}

impl Collector for Gatherer {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut sheet = Sheet::default();
        self.sources.iter().for_each(|source| source.gather(&mut sheet));
        sheet.into_families()
    }
}

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Exposition(Registry);

impl Exposition {
    /// Of these sources, which give each series once between them.
    pub fn new(sources: Vec<Arc<dyn Source>>) -> Result<Self, prometheus::Error> {
        let describe = |row: &super::Row| {
            let labels = row.labels.iter().map(|label| (*label).to_owned()).collect();
            Desc::new(row.name.to_owned(), row.help.to_owned(), labels, HashMap::new())
        };
        let descriptions = ALL.iter().map(describe).collect::<Result<_, _>>()?;
        let registry = Registry::new();
        registry.register(Box::new(Gatherer { descriptions, sources }))?;
        Ok(Self(registry))
    }

    /// A scrape, in the text format of version 0.0.4.
    pub fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.0.gather(), &mut text)?;
        Ok(text)
    }

    /// The media type of that text.
    pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;
}

#[cfg(test)]
mod tests {
    use super::super::{APP_BOUNDS, CONNECTIONS, REQUEST_SECONDS, REQUESTS};
    use super::*;

    struct Few;

    impl Source for Few {
        fn gather(&self, sheet: &mut Sheet) {
            let name = Name::configured("orders").expect("a name");
            sheet.counter(&REQUESTS, [(&name).into(), "served".into()], 3);
            sheet.gauge(&CONNECTIONS, [], 7);
            let (one, two) = (Spread::new(&APP_BOUNDS), Spread::new(&APP_BOUNDS));
            one.observe(2_000);
            two.observe(40_000_000);
            sheet.histogram(&REQUEST_SECONDS, [(&name).into()], [&one, &two]);
        }
    }

    #[test]
    fn a_scrape_is_the_text_that_prometheus_reads() {
        let text = Exposition::new(vec![Arc::new(Few)]).and_then(|shown| shown.text()).expect("text");
        let text = String::from_utf8(text).expect("text");
        for line in [
            "# TYPE portcullis_requests_total counter",
            "portcullis_requests_total{route=\"orders\",outcome=\"served\"} 3",
            "portcullis_connections 7",
            "portcullis_request_duration_seconds_bucket{route=\"orders\",le=\"0.001\"} 0",
            "portcullis_request_duration_seconds_bucket{route=\"orders\",le=\"0.0025\"} 1",
            "portcullis_request_duration_seconds_bucket{route=\"orders\",le=\"+Inf\"} 2",
            "portcullis_request_duration_seconds_sum{route=\"orders\"} 40.002",
            "portcullis_request_duration_seconds_count{route=\"orders\"} 2",
            "portcullis_series_left_out 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_left_out_and_counted() {
        let mut sheet = Sheet::default();
        for _ in 0..MOST_SERIES + 5 {
            sheet.gauge(&CONNECTIONS, [], 1);
        }
        assert_eq!((sheet.series(), sheet.left_out), (MOST_SERIES, 5));
    }
}
