#!/usr/bin/env python3
"""Upgrades of a running gate under h2load: how many requests fail.

    bench/upgrades.py --portcullis target/release/portcullis [--upgrades 50] [--protocol h2|http/1.1] [--pause 0.3]

Ends with 1 if one request failed, or the trail of all processes together does not verify.
"""

import argparse
import json
import os
import pathlib
import re
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


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"hello\n")

    def log_message(self, *_: object) -> None:
        pass


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
    parser.add_argument("--requests", type=int, default=100_000, help="so many that they outlast the upgrades")
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    gate = str(pathlib.Path(arguments.portcullis).resolve())
    place = pathlib.Path(tempfile.mkdtemp())
    app = ThreadingHTTPServer(("127.0.0.1", 0), App)
    app.daemon_threads = True
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
        # By number, not by time: only then does h2load connect again where a connection was closed.
        command = ["h2load", "-c", str(arguments.clients), "-n", str(arguments.requests)]
        command += ["--h1"] if arguments.protocol == "http/1.1" else ["-m", "4"]
        load = subprocess.Popen([*command, f"https://localhost:{port}/a"], stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        for _ in range(arguments.upgrades):
            assert load.poll() is None, "the load ended before the upgrades did"
            serving.append(int(run("upgrade", "--policy", "policy.yaml").split()[1]))
            time.sleep(arguments.pause)
        report = load.communicate()[0]
        print(next(line for line in report.splitlines() if line.startswith("requests:")))
        print(next(line for line in report.splitlines() if line.startswith("status codes:")))
        failed = int(re.search(r"(\d+) failed", report)[1])
        os.kill(serving[-1], signal.SIGTERM)
        first.wait()
        for pid in serving:
            while pathlib.Path(f"/proc/{pid}").exists() and "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text():
                time.sleep(0.05)
        verified = json.loads(run("verify", "spool", "--key", "certs/audit.key", "--format", "json"))
        print(f"{arguments.upgrades} upgrades, {failed} failed requests, trail: {verified['verdict']}")
        lost = place.joinpath("log").read_text().count("records were lost")
        return 0 if failed == 0 and verified["verdict"] == "whole" and lost == 0 else 1
    finally:
        for pid in serving:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
