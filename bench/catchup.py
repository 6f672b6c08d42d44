#!/usr/bin/env python3
"""catchup.py: a sink that was down while records came, and comes back, seen from outside.

    catchup.py --portcullis target/release/portcullis [--records 1000000] [--seconds 10]

1. The sink is down; connections with many requests under way at once make so many records.
2. One client asks 200 times a second for so many seconds, the sink still down: the times of answers, the gate's CPU time
   for each request (user and system, of the threads that serve).
3. The sink comes back. The same client goes on until the sink has everything: records a second, whether they came in
   order (but for what is urgent, which comes ahead), what answers took, CPU time for each request and for each record
   (of the thread that delivers), and the gate's resident memory: before, and the most of it.

Client, app and sink are Python and share the machine with the gate; the sink reads every record's sequence number.
"""
import argparse, atexit, glob, multiprocessing, os, pathlib, re, socket, ssl, subprocess, sys, tempfile, threading, time

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
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
REQUEST = b"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n"
SEQUENCE = re.compile(rb'"sequence":(\d+)')
AT_ONCE = 64
# Of a connection: the gate ends one after some more.
MOST_REQUESTS = 6_400


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def app(port):
    """Answers every request that it can see the end of."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)

    def serve(stream):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while part := stream.recv(65536):
            stream.sendall(ANSWER * part.count(b"\r\n\r\n"))

    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


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
    serving, delivering = 0, 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            used, name = int(open(f"{task}/schedstat").read().split()[0]), open(f"{task}/comm").read()
        except FileNotFoundError:
            continue
        serving += used if name.startswith("worker") else 0
        delivering += used if name.startswith("delivery") else 0
    return serving / 1e9, delivering / 1e9


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


def ask(port, times, over):
    """200 requests a second until it is over."""
    wire, due = connect(port), time.monotonic()
    while not over():
        due += 0.005
        time.sleep(max(0, due - time.monotonic()))
        began = time.monotonic()
        wire.sendall(REQUEST)
        came = b""
        while b"hello\n" not in came:
            came += wire.recv(65536)
        times.append(time.monotonic() - began)


def shown(what, times, used):
    times = sorted(times)
    part = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1000
    print(f"{what:16} {len(times):6} requests  median {part(.5):.2f} ms  99 % {part(.99):.2f} ms  longest {times[-1] * 1000:.1f} ms"
          f"  CPU of a request {used / len(times) * 1e6:.0f} us", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    gate, place = str(pathlib.Path(arguments.portcullis).resolve()), pathlib.Path(tempfile.mkdtemp())
    port, behind, siem = free_port(), free_port(), free_port()
    run = lambda *words: subprocess.run([gate, *words], cwd=place, check=True, capture_output=True)
    run("certs", "dev")
    for kind, file in (("audit", "audit"), ("signing", "audit-sign"), ("pseudonym", "pseudonym")):
        if not (place / f"certs/{file}.key").exists():
            run("keys", "new", kind, f"certs/{file}.key")
    (place / "policy.yaml").write_text(POLICY.format(port=port, app=behind, sink=siem))
    multiprocessing.Process(target=app, args=(behind,), daemon=True).start()
    log = (place / "log").open("w")
    process = subprocess.Popen([gate, "run", "--policy", "policy.yaml"], cwd=place, stdout=log, stderr=log)
    atexit.register(process.kill)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 0.3).close()
            break
        except OSError:
            time.sleep(0.1)
        if process.poll() is not None:
            sys.exit((place / "log").read_text()[-800:])
    began = time.monotonic()
    fillers = [multiprocessing.Process(target=fill, args=(port, arguments.records // 2)) for _ in range(2)]
    [one.start() for one in fillers]
    [one.join() for one in fillers]
    assert all(one.exitcode == 0 for one in fillers), (place / "log").read_text()[-800:]
    print(f"{arguments.records} requests while the sink was down, {time.monotonic() - began:.0f} s; "
          f"{resident(process.pid):.1f} MB resident, spool {sum(f.stat().st_size for f in place.rglob('*.seg')) / 1e6:.0f} MB sealed")

    times, before, end = [], cpu(process.pid), time.monotonic() + arguments.seconds
    ask(port, times, lambda: time.monotonic() > end)
    shown("the sink is down", times, cpu(process.pid)[0] - before[0])

    last, repeated, gaps, ahead = (multiprocessing.Value("q", 0, lock=False) for _ in range(4))
    memory = [resident(process.pid)]
    down = memory[0]
    multiprocessing.Process(target=sink, args=(siem, last, repeated, gaps, ahead), daemon=True).start()
    while last.value == 0:
        time.sleep(0.01)
    began, before, times = time.monotonic(), cpu(process.pid), []
    first, wanted, caught = last.value, arguments.records, []

    def over():
        memory.append(resident(process.pid))
        if last.value >= wanted and not caught:
            caught.append(time.monotonic() - began)
        return bool(caught)

    ask(port, times, over)
    after = cpu(process.pid)
    shown("it catches up", times, after[0] - before[0])
    came = last.value - first
    print(f"{came} records in {caught[0]:.1f} s: {came / caught[0]:.0f} a second; CPU of a record on the thread that delivers "
          f"{(after[1] - before[1]) / came * 1e6:.2f} us")
    print(f"out of order {repeated.value}, missing {gaps.value}, ahead of their turn {ahead.value}; "
          f"resident {down:.1f} MB before, at most {max(memory):.1f} MB")
    process.terminate()
    process.wait(15)


if __name__ == "__main__":
    main()
