#!/usr/bin/env python3
"""canaries.py: what it costs the gate to look through JSON answers for 10,000 canaries.

    canaries.py --portcullis target/release/portcullis [--rounds 5] [--seconds 2]

Two gates, alike but for the rule of canaries, serve the same answers over TLS 1.3 from nginx on loopback, in turns. What
counts is the gate's CPU time for each answer (user and system, of all its threads, from /proc/PID/task/*/schedstat); the
best round of each is printed, for others may share the machine. Every answer is checked to come whole by h2load.

Needs: nginx nghttp2-client openssl (Debian).
"""
import argparse, glob, os, re, signal, socket, subprocess, sys, tempfile, time

UPSTREAM, OFF, ON = 22080, 22106, 22107
SIZES = [1 << 20, 64 << 10, 16 << 10]


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


def cpu(pid):
    """Nanoseconds on a core, of all threads."""
    return sum(int(open(path).read().split()[0]) for path in glob.glob(f"/proc/{pid}/task/*/schedstat"))


def wait_port(port, process, log):
    for _ in range(150):
        try:
            return socket.create_connection(("127.0.0.1", port), 0.3).close()
        except OSError:
            time.sleep(0.1)
        if process.poll() is not None:
            break
    sys.exit(f"nothing listens on {port}: {open(log).read()[-800:]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--plant", default="order_id", choices=["order_id", "email", "name"])
    args = parser.parse_args()
    home, gate, running = tempfile.mkdtemp(prefix="canaries-"), os.path.abspath(args.portcullis), []
    path = lambda name: os.path.join(home, name)

    def write(name, text):
        open(path(name), "w").write(text)
        return path(name)

    def start(command, port):
        log = path(f"out-{port}")
        process = subprocess.Popen(command, cwd=home, stdout=open(log, "w"), stderr=subprocess.STDOUT, start_new_session=True)
        running.append(process)
        wait_port(port, process, log)
        return process.pid

    os.chmod(home, 0o755)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path("gate.key"), "-out",
                    path("gate.pem"), "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    open(path("pseudonym.key"), "wb").write(os.urandom(32))
    for name in ("pseudonym.key", "gate.key"):
        os.chmod(path(name), 0o400)
    planted = {"order_id": "902-{:07}-1234567", "email": "zelda.{:07}@planted.example.com", "name": "Zelda {:07}"}[args.plant]
    values = "".join(planted.format(9_000_000 + number) + "\n" for number in range(10_000))
    subprocess.run([gate, "canary", "new-key", path("canary.key")], check=True, capture_output=True)
    subprocess.run([gate, "canary", "add", "--name", "planted", "--kind", args.plant, "--key", path("canary.key"), "--file", path("canaries.yaml")],
                   input=values, text=True, check=True, cwd=home, stdout=subprocess.DEVNULL)
    os.makedirs(path("www"))
    for size in SIZES:
        write(f"www/{size}.json", orders(size))
    nginx = write("nginx.conf", f"""worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx.err; daemon off;
events {{ worker_connections 1000; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; types {{ application/json json; }}
 server {{ listen 127.0.0.1:{UPSTREAM}; root {home}/www; }} }}""")
    rule = f"alarms: [ {{ name: planted, when: {{ canary: {home}/canaries.yaml }}, then: [alarm] }} ]\n"
    try:
        start(["nginx", "-c", nginx], UPSTREAM)
        pids = {}
        for port, more in ((OFF, ""), (ON, rule)):
            policy = write(f"{port}.yaml", f"""version: 1
gate: {{ listen: "127.0.0.1:{port}", tls: {{ certificate: {home}/gate.pem, key: {home}/gate.key }}, workers: 1 }}
upstream: {{ url: "http://127.0.0.1:{UPSTREAM}" }}
routes: [ {{ name: all, path: "/**", allow: [anyone] }} ]
redaction: {{ key: {home}/pseudonym.key }}
audit: {{ sinks: [ {{ file: {{ path: {home}/{port}.jsonl }} }} ] }}
{more}""")
            pids[port] = start([gate, "run", "--policy", policy], port)
        for size in SIZES:
            best = {OFF: float("inf"), ON: float("inf")}
            for _ in range(args.rounds):
                for port in (OFF, ON):
                    before = cpu(pids[port])
                    out = subprocess.run(["h2load", "--h1", "-t1", "-c4", "-D", str(args.seconds), f"https://localhost:{port}/{size}.json"],
                                         capture_output=True, text=True, check=True).stdout
                    used = cpu(pids[port]) - before
                    done = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out)
                    good, *others = map(int, done.groups())
                    if not good or any(others):
                        sys.exit(f"answers other than 200:\n{out}")
                    best[port] = min(best[port], used / good / 1000)
            off, on = best[OFF], best[ON]
            print(f"{size >> 10:>5} KiB  off {off:8.1f} us  on {on:8.1f} us  more {on - off:7.1f} us  {100 * (on / off - 1):5.1f} %", flush=True)
    finally:
        for process in running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass


main()
