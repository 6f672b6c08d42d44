#!/usr/bin/env python3
"""What a reload costs a request that is under way: rounds with reloads and without, in turns.

    bench/pause.py --portcullis target/release/portcullis [--rounds 10] [--seconds 5] [--every 0.1] [--realtime]
    bench/pause.py --portcullis target/release/portcullis --changes 1000

One client asks one request after the other over a connection that it keeps (HTTP/1.1, TLS 1.3, a route with a role, a
limit and a record), so that whatever holds the worker up shows in the request that waits for it. In the rounds with
reloads `policies/sp-api.yaml` is changed (a limit's rate) and SIGHUP sent every so often. Counted are requests, those of
more than 5 ms, and the longest; and how many reloads were in force afterwards.

With `--changes`, so many are ordered one after the other, each waited for, while the client asks; the gate's resident
memory is told before them, after each tenth of them, and after them. A request that fails ends the run.

`--realtime` runs gate, app and client by SCHED_FIFO (needs root), so that what others do on the machine does not count.
"""

import argparse
import http.client
import os
import pathlib
import re
import signal
import socket
import ssl
import threading
import time
import urllib.request

import plumbing

ROOT = pathlib.Path(__file__).resolve().parent.parent
STALL = 0.005
RATE = "requests: 100000/s"


def home(place: plumbing.Place, port: int, behind: int, metrics: int) -> str:
    text = (ROOT / "policies/sp-api.yaml").read_text() + f'\nmetrics: {{ listen: "127.0.0.1:{metrics}" }}\n'
    text = text.replace("0.0.0.0:8443", f"127.0.0.1:{port}").replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    # One client at full speed is to be held up by nothing but reloads.
    text = text.replace("requests: 50/s, burst: 100", "requests: 100000/s").replace("requests: 200/s, burst: 400", RATE)
    place.write("policy.yaml", text)
    place.run("certs", "dev")
    place.run("keys", "new", "audit", "certs/audit.key")
    place.run("keys", "new", "signing", "certs/audit-sign.key")
    place.run("keys", "api", "new", "--caller", "messaging-tool", "--file", "api-keys.yaml")
    return text


def during(port: int, work) -> list[float]:
    """Times of requests that are asked while `work` runs on another thread."""
    trust = ssl._create_unverified_context()
    client = http.client.HTTPSConnection("127.0.0.1", port, context=trust)
    times, working = [], threading.Thread(target=work)
    working.start()
    while working.is_alive():
        if len(times) % 5000 == 0:
            # The gate ends a connection after some more.
            client.close()
            client.connect()
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.monotonic()
        client.request("GET", "/healthz")
        answer = client.getresponse()
        assert answer.status == 200 and answer.read() == b"hello\n", answer.status
        times.append(time.monotonic() - began)
    client.close()
    return times


def shown(what: str, times: list[float]) -> str:
    stalls = sum(1 for one in times if one > STALL)
    return f"{what:14} {len(times):8} requests  {plumbing.spread(times)}  over 5 ms: {stalls}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--every", type=float, default=0.1)
    parser.add_argument("--changes", type=int, default=0)
    parser.add_argument("--realtime", action="store_true")
    arguments = parser.parse_args()
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    with plumbing.Place("pause", arguments.portcullis) as place:
        measure(arguments, place)


def measure(arguments: argparse.Namespace, place: plumbing.Place) -> None:
    port, behind, metrics = (plumbing.free_port() for _ in range(3))
    threading.Thread(target=plumbing.app, args=(behind,), daemon=True).start()
    text = home(place, port, behind, metrics)
    process = place.start([place.gate, "run", "--policy", "policy.yaml"], port)
    changes = 0

    def change() -> None:
        nonlocal changes
        changes += 1
        aside = place.write("policy.new", text.replace("requests: 60/m", f"requests: {60 + changes % 2}/m"))
        os.rename(aside, place.path("policy.yaml"))
        process.send_signal(signal.SIGHUP)

    def in_force() -> int:
        # The own log says the same thing once a second at most; what is counted is whole.
        page = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics").read().decode()
        return int(re.search(r"^portcullis_policy_generation (\d+)", page, re.MULTILINE)[1]) - 1

    def reloads() -> None:
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            change()
            time.sleep(arguments.every)

    def one_by_one() -> None:
        for number in range(arguments.changes):
            if number % max(1, arguments.changes // 10) == 0:
                print(f"after {number:5} changes: {plumbing.resident(process.pid):.1f} MB resident", flush=True)
            change()
            while in_force() < changes:
                time.sleep(0.005)

    time.sleep(1)
    if arguments.changes:
        times = during(port, one_by_one)
        print(f"after {changes:5} changes: {plumbing.resident(process.pid):.1f} MB resident")
        print(shown(f"{in_force()} changes", times))
        return
    without, with_reloads = [], []
    for _ in range(arguments.rounds):
        without += during(port, lambda: time.sleep(arguments.seconds))
        with_reloads += during(port, reloads)
    time.sleep(1)
    print(shown("no reloads", without))
    print(shown("reloads", with_reloads))
    print(f"{changes} changes were ordered, {in_force()} were put in force")


if __name__ == "__main__":
    main()
