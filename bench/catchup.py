#!/usr/bin/env python3
"""catchup.py: a sink that was down while records came, and comes back, seen from outside.

    catchup.py --portcullis target/release/portcullis [--records 1000000] [--rate 2000] [--seconds 5] [--realtime]

1. The sink is down; connections with many requests under way at once make so many records.
2. h2load asks at a steady rate, whatever answers take, over sixteen connections: `--seconds` long with the sink down, then
   until the sink, which comes back meanwhile, has everything, and as long again without anything to catch up.
3. For each of the three: how many requests were asked for and were answered in that time, what answers took, the gate's
   CPU time for each (user and system, of the threads that serve); records a second, whether they came in order (but for
   what is urgent, which comes ahead), CPU time for each record (of the thread that delivers), and the gate's resident
   memory: before, and the most of it.

App and sink are Python and share the machine with the gate; the sink reads every record's sequence number. `--realtime`
runs gate, app and h2load by SCHED_FIFO, so that what else runs does not count.
"""
import argparse, atexit, multiprocessing, os, pathlib, re, shutil, socket, ssl, subprocess, time

import plumbing

POLICY = """version: 1
gate:
  listen: "127.0.0.1:{port}"
  workers: 1
  tls: {{ certificate: certs/gate.pem, key: certs/gate.key }}
upstream: {{ url: "http://127.0.0.1:{app}" }}
routes:
  - {{ name: all, path: /**, allow: [anyone] }}
redaction: {{ key: certs/pseudonym.key }}
audit:
  spool: {{ path: spool, key: certs/audit.key }}
  signing_key: certs/audit-sign.key
  sinks:
    - webhook: {{ name: siem, url: "http://127.0.0.1:{sink}/in" }}
"""
REQUEST = b"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n"
SEQUENCE = re.compile(rb'"sequence":(\d+)')
AT_ONCE = 64
# Of h2load.
CONNECTIONS = 16
# Of a connection: the gate ends one after some more.
MOST_REQUESTS = 6_400


def sink(port, last, repeated, gaps, ahead):
    """Takes everything; holds that sequence numbers count up."""
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        stream = listener.accept()[0]
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = stream.makefile("rb", buffering=1 << 20)
        while file.readline():
            length = 0
            while (line := file.readline().strip()):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            numbers = [int(one) for one in SEQUENCE.findall(file.read(length))]
            if numbers[0] > last.value + 1 and len(numbers) <= 100 and last.value == 0 and numbers[0] > 1:
                ahead.value += len(numbers)
            else:
                for number in numbers:
                    repeated.value += number <= last.value
                    gaps.value += number > last.value + 1
                    last.value = max(last.value, number)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def cpu(pid):
    """Seconds on a core: of the threads that serve, and of the one that delivers."""
    used = list(plumbing.threads(pid))
    return tuple(sum(nanos for name, nanos in used if name.startswith(part)) / 1e9 for part in ("worker", "delivery"))


def resident(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * 4096 / 1e6


def connect(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wire = socket.create_connection(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(wire, server_hostname="localhost")


def fill(port, count):
    """So many requests, on one connection after the other."""
    left, asked = count, MOST_REQUESTS
    while left > 0:
        now = min(left, AT_ONCE)
        if asked >= MOST_REQUESTS:
            wire, asked = connect(port), 0
        asked += now
        wire.sendall(REQUEST * now)
        came = b""
        while came.count(b"hello\n") < now:
            part = wire.recv(65536)
            assert part, "the gate ended the connection"
            came += part
        left -= now


class Load:
    """h2load at a steady rate, each request's begin and time in a file."""

    def __init__(self, port, rate, seconds, place, realtime):
        self.log = place / f"h2load-{time.monotonic_ns()}"
        first = ["chrt", "-f", "10"] if realtime else []
        # HTTP/1.1: a connection asks for one thing after the other, as browsers' workers and scripts do.
        words = ["h2load", "--h1", "-c", str(CONNECTIONS), "-m", "1", "-D", str(seconds), f"--rps={rate / CONNECTIONS}",
                 f"--log-file={self.log}", f"https://127.0.0.1:{port}/open"]
        self.process = subprocess.Popen(first + words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)

    def between(self, begin, end):
        """Seconds that each answer took that was asked for between two times of the wall clock, and what failed."""
        self.process.wait()
        times, failed = [], 0
        for line in self.log.read_text().splitlines():
            began, status, micros = line.split("\t")
            if begin <= int(began) / 1e6 < end:
                times.append(int(micros) / 1e6)
                failed += status != "200"
        return times, failed


def shown(what, rate, seconds, asked, used):
    (times, failed), served = asked, max(1, len(asked[0]))
    print(f"{what:18} {seconds:5.1f} s  {served:6} of {rate * seconds:.0f} requests  failed {failed}  {plumbing.spread(times)}"
          f"  CPU of a request {used / served * 1e6:.0f} us", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--realtime", action="store_true")
    arguments = parser.parse_args()
    with plumbing.Place("catchup", arguments.portcullis) as place:
        measure(arguments, place)


def measure(arguments, place):
    port, behind, siem = (plumbing.free_port() for _ in range(3))
    place.run("certs", "dev")
    for kind, file in (("audit", "audit"), ("signing", "audit-sign"), ("pseudonym", "pseudonym")):
        if not os.path.exists(place.path(f"certs/{file}.key")):
            place.run("keys", "new", kind, f"certs/{file}.key")
    place.write("policy.yaml", POLICY.format(port=port, app=behind, sink=siem))
    assert shutil.which("h2load"), "h2load is missing: Debian package nghttp2-client"
    serving = multiprocessing.Process(target=plumbing.app, args=(behind,), daemon=True)
    serving.start()
    if arguments.realtime:
        os.sched_setscheduler(serving.pid, os.SCHED_FIFO, os.sched_param(10))
    first = ["chrt", "-f", "10"] if arguments.realtime else []
    process = place.start(first + [place.gate, "run", "--policy", "policy.yaml"], port)
    home = pathlib.Path(place.home)
    began = time.monotonic()
    fillers = [multiprocessing.Process(target=fill, args=(port, arguments.records // 2)) for _ in range(2)]
    [one.start() for one in fillers]
    [one.join() for one in fillers]
    assert all(one.exitcode == 0 for one in fillers), open(place.log(port)).read()[-800:]
    print(f"{arguments.records} requests while the sink was down, {time.monotonic() - began:.0f} s; "
          f"{resident(process.pid):.1f} MB resident, spool {sum(f.stat().st_size for f in home.rglob('*.seg')) / 1e6:.0f} MB sealed")

    rate, seconds = arguments.rate, arguments.seconds
    # What it takes to catch up is not known beforehand: as long as 50,000 records a second would take, and no shorter.
    load = Load(port, rate, int(3 * seconds + arguments.records / 50_000 + 5), home, arguments.realtime)
    time.sleep(1)
    spans = []

    def span(what, over):
        began, before = (time.time(), time.monotonic()), cpu(process.pid)
        while not over(time.monotonic() - began[1]):
            time.sleep(0.002)
        after = cpu(process.pid)
        spans.append((what, began[0], time.time(), after[0] - before[0]))
        return after[1] - before[1]

    span("the sink is down", lambda passed: passed >= seconds)
    last, repeated, gaps, ahead = (multiprocessing.Value("q", 0, lock=False) for _ in range(4))
    memory = [resident(process.pid)]
    multiprocessing.Process(target=sink, args=(siem, last, repeated, gaps, ahead), daemon=True).start()
    while last.value == 0:
        time.sleep(0.001)
    first, wanted = last.value, arguments.records

    def over(_):
        memory.append(resident(process.pid))
        return last.value >= wanted

    delivering = span("it catches up", over)
    came, took = last.value - first, spans[-1][2] - spans[-1][1]
    span("it keeps up", lambda passed: passed >= max(seconds, took))
    for what, began, ended, used in spans:
        shown(what, rate, ended - began, load.between(began, ended), used)
    print(f"{came} records in {took:.1f} s: {came / took:.0f} a second; CPU of a record on the thread that delivers "
          f"{delivering / came * 1e6:.2f} us")
    print(f"out of order {repeated.value}, missing {gaps.value}, ahead of their turn {ahead.value}; "
          f"resident {memory[0]:.1f} MB before, at most {max(memory):.1f} MB")


if __name__ == "__main__":
    main()
