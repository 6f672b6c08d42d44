#!/usr/bin/env python3
"""Upgrades of a running gate under load: how many requests fail.

    bench/upgrades.py --portcullis target/release/portcullis [--upgrades 50] [--protocol h2|http/1.1] [--pause 0.3]

The load is curl, several at once, each with many requests over connections that it keeps. h2load will not do: it never
connects again once a connection was closed in order (GOAWAY, `Connection: close`), and counts what it had planned for
it as failed. curl does as clients do: it ends what is in flight, connects anew for the next request, and repeats a
request by itself only if the connection was one it had kept and not a byte of an answer came.

Every request is counted, by curl and by the gate: it failed if curl has another status than 200 for it, or none. A
request that was repeated behind curl's back, and had been read by a gate, shows as a record too many.

Ends with 1 if one request failed, the records of requests are not as many as the requests, or the trail of all
processes together does not verify.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLICY = """
version: 1
gate:
  listen: "127.0.0.1:%d"
  tls: { certificate: certs/gate.pem, key: certs/gate.key, client_ca: certs/clients-ca.pem }
  handover: "%s/handover.sock"
upstream: { url: "http://127.0.0.1:%d" }
callers:
  - certificate: { subject: san_uri }
roles:
  picker: { members: ["cert:spiffe://seller/picker"] }
routes:
  - { name: all, path: /**, allow: [anyone] }
  - { name: orders, path: /orders/**, allow: [picker] }
redaction: { key: certs/pseudonym.key }
audit:
  spool: { path: spool, key: certs/audit.key }
  signing_key: certs/audit-sign.key
  sinks:
    - file: { path: audit.jsonl }
"""


class Client(threading.Thread):
    """Requests, until it is told to stop: one curl after the other, each over as few connections as it can."""

    ROUND = 500

    def __init__(self, url: str, protocol: str) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.asked = self.failed = self.connections = 0
        self.faults: list[str] = []
        # Four at a time over one connection, or one after the other.
        words = ["--http2", "--parallel", "--parallel-max", "4"] if protocol == "h2" else ["--http1.1"]
        told = "%{http_code} %{num_connects} %{exitcode} %{errormsg}\\n"
        self.command = ["curl", "--silent", "--insecure", *words, "--max-time", "60", "--output", "/dev/null"]
        self.command += ["--write-out", told, f"{url}?[1-{self.ROUND}]"]

    def run(self) -> None:
        while not self.stop.is_set():
            done = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            lines = done.stdout.splitlines()
            answered = [line.split(" ", 3) for line in lines]
            self.asked += self.ROUND
            self.failed += self.ROUND - sum(1 for words in answered if words[0] == "200" and words[2] == "0")
            self.connections += sum(int(words[1]) for words in answered)
            self.faults += [line for line, words in zip(lines, answered) if words[0] != "200" or words[2] != "0"]


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"hello\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    # Each new gate connects to it anew, all at once; a queue of 5 would let some wait for seconds.
    request_queue_size = 128
    daemon_threads = True


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--upgrades", type=int, default=50)
    parser.add_argument("--protocol", default="h2", choices=["h2", "http/1.1"])
    parser.add_argument("--pause", type=float, default=0.3)
    parser.add_argument("--clients", type=int, default=4)
    arguments = parser.parse_args()
    gate = str(pathlib.Path(arguments.portcullis).resolve())
    place = pathlib.Path(tempfile.mkdtemp())
    app = Server(("127.0.0.1", 0), App)
    threading.Thread(target=app.serve_forever, daemon=True).start()
    port = free_port()
    run = lambda *words: subprocess.run([gate, *words], cwd=place, check=True, capture_output=True, text=True).stdout
    serving = []
    try:
        place.joinpath("policy.yaml").write_text(POLICY % (port, place, app.server_port))
        run("certs", "dev")
        run("keys", "new", "audit", "certs/audit.key")
        run("keys", "new", "signing", "certs/audit-sign.key")
        log = place.joinpath("log").open("w")
        first = subprocess.Popen([gate, "run", "--policy", "policy.yaml"], cwd=place, stderr=log, stdout=log)
        serving.append(first.pid)
        while "listening" not in place.joinpath("log").read_text():
            time.sleep(0.02)
        clients = [Client(f"https://localhost:{port}/a", arguments.protocol) for _ in range(arguments.clients)]
        [client.start() for client in clients]
        time.sleep(1)
        began = time.monotonic()
        try:
            for _ in range(arguments.upgrades):
                serving.append(int(run("upgrade", "--policy", "policy.yaml").split()[1]))
                time.sleep(arguments.pause)
        finally:
            took = time.monotonic() - began
            [client.stop.set() for client in clients]
            [client.join() for client in clients]
        asked, failed, connections = (
            sum(getattr(client, count) for client in clients) for count in ("asked", "failed", "connections")
        )
        print(*[fault for client in clients for fault in client.faults][:10], sep="\n", end="")
        os.kill(serving[-1], signal.SIGTERM)
        first.wait()
        for pid in serving:
            while pathlib.Path(f"/proc/{pid}").exists() and "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text():
                time.sleep(0.05)
        verified = json.loads(run("verify", "spool", "--key", "certs/audit.key", "--format", "json"))
        lost = place.joinpath("log").read_text().count("records were lost")
        for line in place.joinpath("audit.jsonl").open():
            if '"class_uid":4002' in line and '"code":200' not in line and failed:
                print(line, end="")
        records = sum('"class_uid":4002' in line for line in place.joinpath("audit.jsonl").open())
        print(f"{arguments.upgrades} upgrades in {took:.0f} s, {asked} requests over {connections} connections, {failed} failed")
        print(f"{records} records of requests; trail: {verified['verdict']}")
        return 0 if failed == 0 and records == asked and verified["verdict"] == "whole" and lost == 0 else 1
    finally:
        for pid in serving:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
