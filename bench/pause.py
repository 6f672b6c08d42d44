#!/usr/bin/env python3
"""What a reload costs a request that is under way: rounds with reloads and without, in turns.

    bench/pause.py --portcullis target/release/portcullis [--rounds 10] [--seconds 5] [--every 0.1] [--realtime]

One client asks one request after the other over a connection that it keeps (HTTP/1.1, TLS 1.3, a route with a role, a
limit and a record), so that whatever holds the worker up shows in the request that waits for it. In the rounds with
reloads `policies/sp-api.yaml` is changed (a limit's rate) and SIGHUP sent every so often. Counted are requests, those of
more than 5 ms, and the longest; and how many reloads were in force afterwards.

`--realtime` runs gate, app and client by SCHED_FIFO (needs root), so that what others do on the machine does not count.
"""

import argparse
import http.client
import os
import pathlib
import signal
import socket
import ssl
import threading
import time

import plumbing

ROOT = pathlib.Path(__file__).resolve().parent.parent
STALL = 0.005
RATE = "requests: 100000/s"


def home(place: plumbing.Place, port: int, behind: int) -> str:
    text = (ROOT / "policies/sp-api.yaml").read_text()
    text = text.replace("0.0.0.0:8443", f"127.0.0.1:{port}").replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    # One client at full speed is to be held up by nothing but reloads.
    text = text.replace("requests: 50/s, burst: 100", "requests: 100000/s").replace("requests: 200/s, burst: 400", RATE)
    place.write("policy.yaml", text)
    place.run("certs", "dev")
    place.run("keys", "new", "audit", "certs/audit.key")
    place.run("keys", "new", "signing", "certs/audit-sign.key")
    place.run("keys", "api", "new", "--caller", "messaging-tool", "--file", "api-keys.yaml")
    return text


def round_of(port: int, seconds: float, change) -> list[float]:
    """Times of requests; `change` is called meanwhile, again and again, on another thread."""
    trust = ssl._create_unverified_context()
    client = http.client.HTTPSConnection("127.0.0.1", port, context=trust)
    client.connect()
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times, end = [], time.monotonic() + seconds
    over = threading.Event()
    changing = threading.Thread(target=lambda: change(over))
    changing.start()
    while time.monotonic() < end:
        began = time.monotonic()
        client.request("GET", "/healthz")
        answer = client.getresponse()
        assert answer.status == 200 and answer.read() == b"hello\n", answer.status
        times.append(time.monotonic() - began)
    over.set()
    changing.join()
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
    parser.add_argument("--realtime", action="store_true")
    arguments = parser.parse_args()
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    with plumbing.Place("pause", arguments.portcullis) as place:
        measure(arguments, place)


def measure(arguments: argparse.Namespace, place: plumbing.Place) -> None:
    port, behind = plumbing.free_port(), plumbing.free_port()
    threading.Thread(target=plumbing.app, args=(behind,), daemon=True).start()
    text = home(place, port, behind)
    process = place.start([place.gate, "run", "--policy", "policy.yaml"], port)
    log = pathlib.Path(place.log(port))
    changes = 0

    def reloads(over: threading.Event) -> None:
        nonlocal changes
        while not over.wait(arguments.every):
            changes += 1
            aside = place.write("policy.new", text.replace("requests: 60/m", f"requests: {60 + changes % 2}/m"))
            os.rename(aside, place.path("policy.yaml"))
            process.send_signal(signal.SIGHUP)

    time.sleep(1)
    without, during = [], []
    for _ in range(arguments.rounds):
        without += round_of(port, arguments.seconds, lambda over: None)
        during += round_of(port, arguments.seconds, reloads)
    time.sleep(1)
    done = log.read_text().count("a change is in force")
    print(shown("no reloads", without))
    print(shown("reloads", during))
    print(f"{changes} changes were ordered, {done} were put in force")


if __name__ == "__main__":
    main()
