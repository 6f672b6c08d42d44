#!/usr/bin/env python3
"""shared.py: what limits that replicas keep together cost, and how well they hold, seen from outside.

    shared.py --portcullis target/release/portcullis [--seconds 20] [--rounds 2]

1. One gate, 10,000 requests of one caller on a connection, under a limit of its own and under one that is shared: what
   the Redis server was asked meanwhile (INFO commandstats), the gate's CPU time for each request (user and system, all its
   threads but the one that speaks to the server, and that one), and the time of an answer at 50 and 99 of a hundred.
2. Three gates and 100 callers at twice the limit, each caller at one gate after the other: how many requests were let
   through, beside what the limit allows. The bursts are used up first; the second figure counts from the first request on,
   with the bursts, so that what is had a little later than it could be is not missed.
3. The same with the server slowed (CLIENT PAUSE: it answers nobody for 150 ms of each 200), and then killed and started
   again, empty, in the middle of the run.
4. The same server stopped (SIGSTOP), and then killed, under the same load: the longest time of an answer.

Needs: redis-server nginx openssl (Debian).
"""
import argparse, re, signal, socket, ssl, subprocess, sys, threading, time

from plumbing import Place, cpu_by_part as cpu

UPSTREAM, REDIS, GATES = 23080, 23079, (23106, 23107, 23108)
CALLERS, BURST = 100, 6


class Client:
    """One kept connection; answers are read one by one."""

    def __init__(self, port):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.wire = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
        self.wire.settimeout(30)
        self.file = self.wire.makefile("rb")

    def send(self, path, caller):
        address = f"10.0.{caller // 250}.{caller % 250 + 1}"
        self.wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n".encode())

    def answer(self):
        status = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline().strip()):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        self.file.read(length)
        return status

    def ask(self, path, caller):
        start = time.monotonic()
        self.send(path, caller)
        return self.answer(), time.monotonic() - start


def commands():
    """What the server was asked, by command."""
    out = subprocess.run(["redis-cli", "-p", str(REDIS), "info", "commandstats"], capture_output=True, text=True, check=True).stdout
    return {name: int(calls) for name, calls in re.findall(r"cmdstat_([^:]+):calls=(\d+)", out) if name not in ("info", "ping")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with Place("shared", args.portcullis) as place:
        run(place, args)


def run(place, args):
    home, gate, path = place.home, place.gate, place.path
    place.keys()
    place.run("keys", "new", "shared", path("shared.key"))

    def policy(port):
        text = f"""version: 1
gate: {{ listen: "127.0.0.1:{port}", tls: {{ certificate: {home}/gate.pem, key: {home}/gate.key }}, workers: 1, trusted_proxies: [127.0.0.0/8] }}
upstream: {{ url: "http://127.0.0.1:{UPSTREAM}" }}
routes:
  - {{ name: own, path: /own, allow: [anyone], limits: [own] }}
  - {{ name: together, path: /together, allow: [anyone], limits: [together] }}
  - {{ name: few, path: /few, allow: [anyone], limits: [few] }}
limits:
  - {{ name: own, per: address, requests: 1000000/s }}
  - {{ name: together, per: address, scope: shared, requests: 1000000/s }}
  - {{ name: few, per: address, scope: shared, requests: 1/s, burst: {BURST} }}
shared: {{ redis: ["redis://127.0.0.1:{REDIS}"], key: {home}/shared.key, name: bench, replicas: 3 }}
redaction: {{ key: {home}/pseudonym.key }}
audit: {{ sinks: [ {{ file: {{ path: {home}/{port}.jsonl }} }} ] }}
"""
        return place.write(f"{port}.yaml", text)

    server = ["redis-server", "--port", str(REDIS), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    redis = place.start(server, REDIS)
    place.nginx(UPSTREAM, 'return 200 "ok";')
    gates = [place.start([gate, "run", "--policy", policy(port)], port) for port in GATES]
    time.sleep(2)
    client = Client(GATES[0])
    for name in ("/own", "/together") * args.rounds:
        asked, used, times = commands(), cpu(gates[0].pid), []
        for _ in range(10_000):
            status, took = client.ask(name, 0)
            times.append(took)
            if status != 200:
                sys.exit(f"{name}: {status}")
        after, now = cpu(gates[0].pid), commands()
        more = {key: now[key] - asked.get(key, 0) for key in now if now[key] > asked.get(key, 0)}
        times.sort()
        print(f"{name:<10} worker {(after[0] - used[0]) / 1e7:6.2f} us, other threads {(after[1] - used[1]) / 1e7:6.2f} us a request; "
              f"answers {times[5000] * 1e6:.0f} us (50 %), {times[9900] * 1e6:.0f} us (99 %) in {sum(times):.1f} s; the server was asked {more}", flush=True)
    clients = [Client(port) for port in GATES]

    def load(seconds, rate):
        """Every caller `rate` times a second, at one gate after the other: let through, and the longest answer."""
        begin, passed, longest, turn = time.monotonic(), 0, 0.0, 0
        while (elapsed := time.monotonic() - begin) < seconds:
            for caller in range(CALLERS):
                status, took = clients[(turn + caller) % 3].ask("/few", caller)
                passed += status == 200
                longest = max(longest, took)
            turn += 1
            time.sleep(max(0, turn / rate - (time.monotonic() - begin)))
        return passed, longest, time.monotonic() - begin, turn / elapsed

    # The bursts are used up first: what is measured is the rate.
    before, _, warm, _ = load(10, 2)
    passed, longest, took, rate = load(args.seconds, 2)
    allowed = CALLERS * took
    whole = CALLERS * (warm + took + BURST)
    print(f"three gates, {CALLERS} callers {rate:.1f} times a second each, {took:.1f} s: {passed} let through, {allowed:.0f} allowed, "
          f"{100 * (passed / allowed - 1):+.2f} %; from the first request on {100 * ((before + passed) / whole - 1):+.2f} %; "
          f"longest answer {longest * 1000:.0f} ms", flush=True)

    def told(what, passed, longest, took, rate):
        print(f"{what}: {CALLERS} callers {rate:.1f} times a second each, {took:.1f} s: {passed} let through, {CALLERS * took:.0f} allowed, "
              f"{100 * (passed / (CALLERS * took) - 1):+.2f} %; longest answer {longest * 1000:.0f} ms", flush=True)

    done = threading.Event()

    def slow():
        with socket.create_connection(("127.0.0.1", REDIS)) as wire:
            while not done.wait(0.2):
                wire.sendall(b"CLIENT PAUSE 150 ALL\r\n")
                wire.recv(64)

    slowing = threading.Thread(target=slow, daemon=True)
    slowing.start()
    told("the server slowed", *load(args.seconds, 2))
    done.set()
    slowing.join()
    load(5, 2)

    def restart():
        nonlocal redis
        time.sleep(args.seconds / 4)
        redis.kill()
        redis.wait()
        time.sleep(args.seconds / 4)
        redis = place.start(server, REDIS)

    restarting = threading.Thread(target=restart)
    restarting.start()
    told("the server killed, and started again", *load(args.seconds, 2))
    restarting.join()
    load(5, 2)
    redis.send_signal(signal.SIGSTOP)
    passed, longest, took, rate = load(args.seconds, 2)
    print(f"the server stopped (SIGSTOP): {passed} let through, {CALLERS * took:.0f} allowed; longest answer {longest * 1000:.0f} ms", flush=True)
    redis.send_signal(signal.SIGCONT)
    time.sleep(3)
    redis.kill()
    passed, longest, took, rate = load(args.seconds, 2)
    print(f"the server killed: {passed} let through, {CALLERS * took:.0f} allowed; longest answer {longest * 1000:.0f} ms", flush=True)
    for port in GATES:
        said = open(path(f"{port}.jsonl")).read().count("ALARM.SHARED_STATE")
        print(f"gate {port}: {said} alarms of the shared state")


main()
