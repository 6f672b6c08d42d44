"""An app without any protection: serves orders to whoever asks, on every address unless HOST says otherwise."""

import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked", self.server.server_port, self.path, self.headers.get("X-Probe"), flush=True)
        is_well = not os.path.exists("ill")
        self.send_response(200 if is_well or "orders" in self.path else 503)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        if self.path == "/orders/v0/orders/last/address":
            threading.Thread(target=self.server.shutdown).start()

    def log_message(self, *_):
        pass


class Everywhere(ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


host = os.environ.get("HOST")
serve = (lambda port: ThreadingHTTPServer((host, port), App)) if host else (lambda port: Everywhere(("::", port), App))
if not host:
    threading.Thread(target=serve(9100).serve_forever, daemon=True).start()
serve(8080).serve_forever()
