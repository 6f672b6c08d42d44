"""plumbing.py: what the scripts beside it have in common: a directory with throw-away keys, programs that are started and
stopped, an app, the CPU time that was used, and how long answers took.
"""
import glob, os, shutil, signal, socket, subprocess, sys, tempfile, threading, time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def app(port):
    """An app that answers every request that it can see the end of; does not return."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)

    def serve(stream):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while part := stream.recv(65536):
            stream.sendall(ANSWER * part.count(b"\r\n\r\n"))

    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def spread(times):
    """How long answers took, in words; `times` in seconds."""
    times = sorted(times) or [0]
    part = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1000
    return f"median {part(.5):.2f} ms  99 % {part(.99):.2f} ms  99.9 % {part(.999):.2f} ms  longest {times[-1] * 1000:.2f} ms"


def wait_port(port, process, log):
    """Waits until something listens there; the end of the program's output if it gave up before."""
    for _ in range(150):
        try:
            return socket.create_connection(("127.0.0.1", port), 0.3).close()
        except OSError:
            time.sleep(0.1)
        if process.poll() is not None:
            break
    sys.exit(f"nothing listens on {port}: {open(log).read()[-800:]}")


def threads(pid):
    """Of each thread, its name and the nanoseconds that it was on a core."""
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            yield open(f"{task}/comm").read().strip(), int(open(f"{task}/schedstat").read().split()[0])
        except FileNotFoundError:
            continue


def cpu(pid):
    """Nanoseconds on a core, user and system, of all threads."""
    return sum(used for _, used in threads(pid))


def cpu_by_part(pid):
    """The same of the threads that serve, and of all others."""
    used = list(threads(pid))
    serving = sum(nanos for name, nanos in used if name.startswith("worker"))
    return serving, sum(nanos for _, nanos in used) - serving


class Place:
    """A directory in which programs run; they end, and it goes, when it is left."""

    def __init__(self, name, gate):
        self.home, self.gate, self.running = tempfile.mkdtemp(prefix=f"{name}-"), os.path.abspath(gate), []
        os.chmod(self.home, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def run(self, *command, **more):
        """A command of the gate's."""
        return subprocess.run([self.gate, *command], check=True, cwd=self.home, capture_output=True, **more)

    def log(self, port):
        """What the program that listens there wrote."""
        return self.path(f"out-{port}")

    def start(self, command, port):
        """A program that listens on a port."""
        log = self.log(port)
        process = subprocess.Popen(command, cwd=self.home, stdout=open(log, "w"), stderr=subprocess.STDOUT, start_new_session=True)
        self.running.append(process)
        wait_port(port, process, log)
        return process

    def keys(self):
        """A certificate for localhost and a pseudonym key."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.path("gate.key"),
                        "-out", self.path("gate.pem"), "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        with open(self.path("pseudonym.key"), "wb") as file:
            file.write(os.urandom(32))
        for name in ("pseudonym.key", "gate.key"):
            os.chmod(self.path(name), 0o400)

    def nginx(self, port, server, more=""):
        """An app."""
        self.write("nginx.conf", f"""worker_processes 1; pid {self.home}/nginx.pid; error_log {self.home}/nginx.err; daemon off;
events {{ worker_connections 1000; }}
http {{ access_log off; keepalive_requests 100000000; {more} server {{ listen 127.0.0.1:{port}; {server} }} }}""")
        return self.start(["nginx", "-c", self.path("nginx.conf")], port)
