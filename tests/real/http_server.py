"""A small HTTP/1.1 server for the stand-ins: keep-alive, whole bodies, one write per answer, a thread a connection."""

from __future__ import annotations

import argparse
import http.server
import socket
import socketserver
from pathlib import Path

MAX_BODY_BYTES = 4 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads a whole request, gives it to `answer`, which calls `reply` once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # with Nagle's, a head and a body written apart wait 40 ms for each other
    wbufsize = -1                   # head and body leave together, when handle_one_request flushes

    def answer(self, method: str, target: str, body: bytes) -> None:
        raise NotImplementedError

    def _handle(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not size.isdecimal() or int(size) > MAX_BODY_BYTES:
            self.close_connection = True
            self.reply(400, [], b"a Content-Length of at most 4 MiB is needed\n")
            return
        self.answer(self.command, self.path, self.rfile.read(int(size)))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _handle

    def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code="-", size="-") -> None:
        """Answers are logged by the stand-in itself, where that is of use."""


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


def server_arguments(description: str) -> argparse.Namespace:
    """The command line that the stand-ins have in common."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--config", type=Path, required=True, help="a JSON file, see the module's text")
    listen = parser.add_mutually_exclusive_group(required=True)
    listen.add_argument("--fd", type=int, help="a listening socket that the parent opened")
    listen.add_argument("--port", type=int, help="a port on 127.0.0.1")
    return parser.parse_args()


def serve(handler: type[Handler], arguments: argparse.Namespace) -> None:
    """Serve for ever."""
    server = _Server(("127.0.0.1", 0), handler, bind_and_activate=False)
    server.socket.close()
    if arguments.fd is not None:
        server.socket = socket.socket(fileno=arguments.fd)
    else:
        server.socket = socket.create_server(("127.0.0.1", arguments.port), backlog=1024)
    server.serve_forever(poll_interval=3600)
