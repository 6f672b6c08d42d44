#!/usr/bin/env python3
"""From the start of the process to its word that it serves, and what it holds in memory then.

    bench/startup.py --portcullis target/x86_64-unknown-linux-gnu/release/portcullis [--runs 20] [--realtime] [--cpus 2]

The policy is policies/sp-api.yaml with fresh keys, on another port. The word is READY=1 (sd_notify(3)).
`--realtime` runs by SCHED_FIFO (needs root), so that what others do on the machine does not count; `--cpus 1` keeps the
gate to one core, as a small pod has. Anonymous is what is its own; the rest are
pages of the binary and of libraries, which others may share.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def home(gate: str, place: pathlib.Path) -> None:
    """A directory as the policy wants it."""
    text = (ROOT / "policies/sp-api.yaml").read_text()
    place.joinpath("policy.yaml").write_text(text.replace("0.0.0.0:8443", "127.0.0.1:0"))
    run = lambda *words: subprocess.run([gate, *words], cwd=place, check=True, capture_output=True)
    run("certs", "dev")
    run("keys", "new", "audit", "certs/audit.key")
    run("keys", "new", "signing", "certs/audit-sign.key")
    run("keys", "api", "new", "--caller", "messaging-tool", "--file", "api-keys.yaml")


def start(gate: str, place: pathlib.Path) -> tuple[float, float, float, float]:
    """Milliseconds to ready, of which so many on a core, and MiB resident a second later, all and anonymous."""
    told = place / "notify.sock"
    told.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(told))
        notify.settimeout(30)
        began = time.monotonic()
        process = subprocess.Popen(
            [gate, "run", "--policy", "policy.yaml"],
            cwd=place,
            env={**os.environ, "NOTIFY_SOCKET": str(told)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert notify.recv(256) == b"READY=1\n"
        took = (time.monotonic() - began) * 1000
        stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        busy = (int(stat[11]) + int(stat[12])) * 1000 / os.sysconf("SC_CLK_TCK")
        time.sleep(1)
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        kib = lambda key: next(int(line.split()[1]) for line in status.splitlines() if line.startswith(key))
        resident, anonymous = kib("VmRSS:"), kib("RssAnon:")
        process.send_signal(signal.SIGTERM)
        process.wait()
    return took, busy, resident / 1024, anonymous / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portcullis", required=True)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--cpus", type=int)
    arguments = parser.parse_args()
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    if arguments.cpus:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cpus])
    gate = str(pathlib.Path(arguments.portcullis).resolve())
    place = pathlib.Path(tempfile.mkdtemp())
    try:
        home(gate, place)
        results = [start(gate, place) for _ in range(arguments.runs)]
    finally:
        shutil.rmtree(place)
    times, busy, memory, anonymous = zip(*results)
    print(f"ready after {statistics.median(times):.0f} ms (median of {len(times)}; slowest {max(times):.0f} ms), {statistics.median(busy):.0f} ms of CPU")
    print(f"resident {statistics.median(memory):.1f} MiB (most {max(memory):.1f} MiB), of which {statistics.median(anonymous):.1f} MiB anonymous")


if __name__ == "__main__":
    main()
