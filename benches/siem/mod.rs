//! What a record costs on its way to a SIEM: each figure is for one record and one sink.

use std::hint::black_box;

use portcullis::audit::ocsf::Scribe;
use portcullis::audit::{Producer, RequestId};
use portcullis::clock::UnixMillis;
use portcullis::delivery::elastic::Body;
use portcullis::delivery::otlp::request;
use portcullis::delivery::projection::cef::cef;
use portcullis::delivery::splunk::Enveloper;
use portcullis::delivery::syslog::{Framer, LONGEST, stub};
use portcullis::delivery::{Batch, Index, Sent};
use portcullis::policy::settings::{ElasticSettings, SyslogFacility, SyslogFormat};

use super::{NOW, measure, name, sample};

/// Frames, envelopes, projections and stubs.
pub fn run() {
    let (event, policy) = sample();
    let now = UnixMillis(NOW * 1000);
    let mut scribe = Scribe::new(Producer { instance: name("bench"), epoch: RequestId::new(now), policy });
    let mut line = Vec::new();
    scribe.event(&event, now, &mut line);
    line.pop();
    let record = Sent { sequence: 1, line: &line };
    let mut out = Vec::with_capacity(64 * 1024);
    for (what, format) in
        [("a record as a frame of syslog", SyslogFormat::Ocsf), ("the same in CEF", SyslogFormat::Cef)]
    {
        let mut framer = Framer::new(SyslogFacility::Audit, format, 32_473, 1);
        measure(what, || {
            out.clear();
            framer.frame(black_box(record), &mut out);
        });
    }
    let mut index = Index::default();
    measure("a record in CEF, without its frame", || {
        out.clear();
        cef(&index.of(black_box(&line)), LONGEST, &mut out);
    });
    let enveloper = Enveloper::new(Some("audit"));
    measure("a record as an event of Splunk's collector", || {
        out.clear();
        enveloper.envelope(black_box(record), &mut out);
    });
    let (stream, mut batch) = (Body::new(ElasticSettings::DATA_STREAM), Batch::default());
    batch.push(record);
    measure("a record as a document of ECS, with its action", || {
        out.clear();
        assert!(stream.write(black_box(&batch), &mut out).is_ok());
    });
    measure("a record as a log record of OpenTelemetry", || {
        out.clear();
        assert!(request(black_box(&batch), &mut out).is_ok());
    });
    // A query of 14,000 bytes.
    let long =
        String::from_utf8_lossy(&line).replace("\"prev\":", &format!("\"aaa\":\"{}\",\"prev\":", "x".repeat(14_000)));
    measure("a record of 16 KB as a stub", || {
        out.clear();
        stub(black_box(long.as_bytes()), LONGEST, &mut out);
    });
}
