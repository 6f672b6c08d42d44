#!/usr/bin/env python3
"""canaries.py: what it costs the gate to look through JSON answers for planted records.

    canaries.py --portcullis target/release/portcullis [--rounds 5] [--seconds 2] [--count 10,1000,10000]
                [--plant order_id|email|name|mixed] [--text orders|worst] [--before OTHER] [--realtime]

Gates that are alike but for the rule of canaries serve the same answers over TLS 1.3 from nginx on loopback, in turns:
each round asks all of them, so that what else the machine does falls on each. What counts is a gate's CPU time for each
answer (user and system, of all its threads, from /proc/PID/task/*/schedstat); the best round of each is printed, and
behind it the median of what was more in a round. Every answer is checked to come whole by h2load. The gate has no listener
without TLS; the search alone is in `cargo bench --bench watch`. `--before` is another build, which looks for as many.
`--realtime` runs gates and load generator by SCHED_FIFO (needs root), so that others on the machine do not come between.

`worst` is a text of nothing but order ids that begin as planted ones do, so that each is looked at to its end.

Needs: nginx nghttp2-client openssl (Debian).
"""
import argparse, re, statistics, subprocess, sys

from plumbing import Place, cpu

UPSTREAM, FIRST = 22080, 22106
SIZES = [1 << 20, 64 << 10, 16 << 10]
PLANTS = {"order_id": "902-{:07}-1234567", "email": "zelda.{:07}@planted.example.com", "name": "Zelda {:07}"}


def orders(size):
    """A page of orders in JSON, of at least so many bytes; none of them is planted."""
    out, n, have = [], 1, 0
    while have < size:
        n = (n * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        a, b = n >> 40 & 0xFFFFF, n >> 20 & 0xFFFFF
        out.append(
            f'{{"AmazonOrderId":"902-{a:07}-{b:07}","PurchaseDate":"2026-11-{a % 28 + 1:02}T08:{b % 60:02}:11Z","OrderStatus":"Shipped",'
            f'"FulfillmentChannel":"MFN","OrderTotal":{{"CurrencyCode":"EUR","Amount":"{a % 500}.95"}},"BuyerInfo":{{"BuyerEmail":'
            f'"buyer{a}@marketplace.example","BuyerName":"Buyer Number {b}"}},"ShippingAddress":{{"AddressLine1":"{b % 200} Example Street",'
            f'"City":"Sampleton","PostalCode":"{a % 99999:05}","CountryCode":"DE"}},"NumberOfItemsShipped":1,"IsPrime":false}}')
        have += len(out[-1]) + 1
    return '{"payload":{"Orders":[' + ",".join(out) + "]}}"


def worst(size):
    """Order ids of which the first ten digits are those of planted ones."""
    return '["' + '","'.join(f"902-{9_000_000 + n % 10_000}-1234568" for n in range(size // 22)) + '"]'


def ask(port, size, seconds, first):
    """How many answers came; all of them are whole."""
    out = subprocess.run([*first, "h2load", "--h1", "-t1", "-c4", "-D", str(seconds), f"https://localhost:{port}/{size}.json"],
                         capture_output=True, text=True, check=True).stdout
    good, *others = map(int, re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out).groups())
    if not good or any(others):
        sys.exit(f"answers other than 200:\n{out}")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--before")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--count", default="10000")
    parser.add_argument("--plant", default="order_id", choices=[*PLANTS, "mixed"])
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--text", default="orders", choices=["orders", "worst"])
    args = parser.parse_args()
    first = ["chrt", "-f", "10"] if args.realtime else []
    counts = [int(count) for count in args.count.split(",")]
    with Place("canaries", args.portcullis) as place:
        place.keys()
        place.run("canary", "new-key", place.path("canary.key"))

        def plant(program, name, count):
            kinds = list(PLANTS) if args.plant == "mixed" else [args.plant]
            for kind in kinds:
                values = "".join(PLANTS[kind].format(9_000_000 + number) + "\n" for number in range(count // len(kinds)))
                subprocess.run([program, "canary", "add", "--name", kind.replace("_", "-"), "--kind", kind, "--key", place.path("canary.key"),
                                "--file", place.path(name)], input=values, text=True, check=True, cwd=place.home, stdout=subprocess.DEVNULL)

        subprocess.run(["mkdir", place.path("www")], check=True)
        for size in SIZES:
            place.write(f"www/{size}.json", (orders if args.text == "orders" else worst)(size))
        place.nginx(UPSTREAM, f"root {place.home}/www;", "sendfile on; types { application/json json; }")
        gates = [("none", place.gate, 0)] + [(str(count), place.gate, count) for count in counts]
        if args.before:
            gates.append((f"{counts[-1]} before", args.before, counts[-1]))
        pids = {}
        for port, (name, program, count) in enumerate(gates, FIRST):
            rule = ""
            if count:
                plant(program, f"canaries-{port}.yaml", count)
                rule = f"alarms: [ {{ name: planted, when: {{ canary: {place.home}/canaries-{port}.yaml }}, then: [alarm] }} ]\n"
            policy = place.write(f"{port}.yaml", f"""version: 1
gate: {{ listen: "127.0.0.1:{port}", tls: {{ certificate: {place.home}/gate.pem, key: {place.home}/gate.key }}, workers: 1 }}
upstream: {{ url: "http://127.0.0.1:{UPSTREAM}" }}
routes: [ {{ name: all, path: "/**", allow: [anyone] }} ]
redaction: {{ key: {place.home}/pseudonym.key }}
audit: {{ sinks: [ {{ file: {{ path: {place.home}/{port}.jsonl }} }} ] }}
{rule}""")
            pids[port] = place.start([*first, program, "run", "--policy", policy], port).pid
        for size in SIZES:
            each = {port: [] for port in pids}
            for _ in range(args.rounds):
                for port, pid in pids.items():
                    before = cpu(pid)
                    good = ask(port, size, args.seconds, first)
                    each[port].append((cpu(pid) - before) / good / 1000)
            off = min(each[FIRST])
            print(f"{size >> 10:>5} KiB  none {off:8.1f} us", flush=True)
            for port, (name, *_) in list(enumerate(gates, FIRST))[1:]:
                on = min(each[port])
                more = statistics.median(one / other - 1 for one, other in zip(each[port], each[FIRST]))
                print(f"{'':>9}  {name:>12} {on:8.1f} us  more {on - off:7.1f} us  {100 * (on / off - 1):5.1f} %  (median {100 * more:.1f} %)", flush=True)


main()
