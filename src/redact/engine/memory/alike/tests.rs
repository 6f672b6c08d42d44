use super::*;

/// The form of a line, whose pieces alone differ from it.
fn form(line: &str) -> String {
    let mut form = Form::default();
    form.read(line.as_bytes());
    let (mut shown, mut meant) = (0, 0);
    for piece in &form.pieces {
        assert_eq!(form.text()[shown..piece.start], line.as_bytes()[meant..piece.from], "{line}");
        assert_eq!(form.source(piece.start, piece.end), (piece.from, piece.to));
        assert!(form.fits(piece.start, piece.end, false) && !form.fits(piece.start, piece.end, true));
        (shown, meant) = (piece.end, piece.to);
    }
    assert_eq!(form.text()[shown..], line.as_bytes()[meant..], "{line}");
    assert_eq!(form.source(0, form.text().len()), (0, line.len()));
    String::from_utf8(form.text().to_vec()).unwrap()
}

#[test]
fn lines_of_one_form() {
    let pairs = [
        ("2026-11-22 01:57:50,417 INFO took 685ms", "2026-03-02 23:00:09,001 INFO took 120ms"),
        ("ts=2026-11-07T15:19:45Z segments=17 duration=1.204s", "ts=2026-12-31T00:00:00Z segments=99 duration=7.000s"),
        ("I1122 15:19:45.123456 a.go:12]", "I1122 04:05:06.000000 a.go:12]"),
        ("Nov  7 15:19:45 host app: up", "Nov  7 00:00:00 host app: up"),
        (
            "10.89.246.250 - - [21/Nov/2026:03:16:32 +0000] \"GET /o/444-3606257-6892700/items HTTP/1.1\" 200 26601",
            "10.12.100.101 - - [02/Nov/2026:23:59:59 +0000] \"GET /o/302-5550001-1234567/items HTTP/1.1\" 200 10000",
        ),
        ("from 203.0.113.99 port 51234", "from 117.8.200.18 port 40000"),
        ("trace=8f2191616116c7655998523f8a6e768d x", "trace=0a11b2c3d4e5f60718293a4b5c6d7e8f x"),
        ("id 6f253ba5-8f7f-4d56-b549-fd35460d3188,", "id 0e0aeba2-64c7-4d77-a121-37a759097e39,"),
        ("asin=B03VTGLTMQ", "asin=B0QA0WF419"),
        ("from 98.51.100.99 port 51234", "from 17.8.0.1 port 41234"),
        ("{\"durationMs\":7,\"timestamp\":1763923967121}", "{\"durationMs\":1985,\"timestamp\":1763923960000}"),
        ("GET /feeds/2021-06-30/feeds/62608739268 HTTP/1.1", "GET /feeds/2021-06-30/feeds/62000000268 HTTP/1.1"),
        ("\"/jobs/12/status\" reportId=772962787282 x", "\"/jobs/7/status\" reportId=772112787282 x"),
        ("/static/app.b1933c98.js?v on ip-10-221-18-9", "/static/app.71933c09.js?v on ip-10-1-118-249"),
        ("caller=store.go:271 x", "caller=store.go:909 x"),
        ("took=0.12 rt=1.5", "took=17.1234 rt=0.25"),
        ("\"GET / HTTP/1.1\" 200 7", "\"GET / HTTP/1.1\" 404 1234567"),
        ("span 0cb1c2d3e4f50617", "span 91b1c2d3e4f506ff"),
        ("pod label-worker-dbhhpphh9p-qppzf up", "pod label-worker-6ccd5b77b9-2x4zz up"),
        ("page?nextToken=fwge7s5twjeuwu5cv6ezjwx4&n=1", "page?nextToken=eah4cu5ffkglf3dg2ebqyve6&n=1"),
        ("COMMIT -- 13.857 ms", "COMMIT -- 0.4 ms"),
        ("done in 9368 ms", "done in 17 ms"),
        ("to pii_email_k3_7f3a9c21d0b4e6aa ok", "to pii_email_k3_0000000000000000 ok"),
    ];
    for (one, other) in pairs {
        assert_eq!(form(one), form(other));
    }
}

#[test]
fn what_may_tell_of_somebody_stays() {
    let lines = [
        "born 1985, PLZ 80331 Bonn, ends 4242 4242",
        "house 12-14 and flat-7a, born: 1985, total 12345678.5",
        "born=19850714 n=88888888 /12 Street/12 ip-203-0-113-9 app.b1933c98.exe at=20261114101500",
        "pod label-worker-dbhhpphhzpp4-qppzf and -dbhhpphh9p-qppzf",
        "call 089 5443347 or +49 (0)30 2642231",
        "card 4111 1111 1111 1111 exp 12/27",
        "x=%40 y=\\u0040 &#64; =40 a+20",
        "mail 6a6f686e406578616d706c652e636f6d end",
        "at 52.520008,13.404954",
        "172.32.1.1.5 192.168.300.1 10.1.2.3.4",
        "B0ABC B012345678 1985-07-14",
        "user=janedoe1985hamburgaltona id=de89370400440532013000 key=a19850714b19850714c19 n=abcdefghij1k2l3m4n5op",
        "pii_email_k3_7f3a9c21d0b4e6aaX pii_email_k3_7f3a",
    ];
    for line in lines {
        assert_eq!(form(line), line);
    }
}

#[test]
fn a_run_over_two_blocks_is_one() {
    for lead in 50..70 {
        let line = format!("{} n=123456 ms=12", "x".repeat(lead));
        assert_eq!(form(&line), format!("{} n=444444 ms=44", "x".repeat(lead)));
    }
}

#[test]
fn long_lines_have_no_form() {
    let line = "took 12 ms ".repeat(400);
    assert_eq!(form(&line), line);
}
