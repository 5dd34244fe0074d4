#!/usr/bin/python3
"""The test image's `uvicorn`: its command line, its lines, WEB_CONCURRENCY processes on one port."""
import argparse
import errno
import http.server
import importlib
import json
import os
import select
import signal
import socket
import socketserver
import sys
import threading


def say(line):
    print(line, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.server.in_flight():
            status, value = self.server.app(self.command, self.path.partition("?")[0], body)
            body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            head = (f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ndate: {self.date_time_string()}\r\n"
                    f"server: uvicorn\r\ncontent-length: {len(body)}\r\ncontent-type: application/json\r\n\r\n")
            # One write: a head and a body sent apart cost a delayed ACK each.
            self.wfile.write(head.encode() + body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

    def log_message(self, *_):
        """The real server's access log is off."""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    timeout = 0

    def __init__(self, listener, app):
        super().__init__(listener.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.app = app
        # A signal writes to it: the main thread sleeps until then, or until a client comes.
        self.stopped, self.stop = os.pipe()
        self.count = 0
        self.changed = threading.Condition()

    def in_flight(self):
        server = self

        class Counted:
            def __enter__(self):
                with server.changed:
                    server.count += 1

            def __exit__(self, *_):
                with server.changed:
                    server.count -= 1
                    server.changed.notify_all()

        return Counted()

    def handle_error(self, *_):
        """A client that hung up is none of our business."""


def start(listener, app):
    say(f"INFO:     Started server process [{os.getpid()}]")
    say("INFO:     Waiting for application startup.")
    server = Server(listener, app)

    stop = lambda *_: os.write(server.stop, b"\n")
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    say("INFO:     Application startup complete.")
    return server


def serve(server):
    """Until a signal: then the port closes at once, and requests under way are finished."""
    while server.stopped not in select.select([server.socket, server.stopped], [], [])[0]:
        server.handle_request()
    server.socket.close()
    say("INFO:     Shutting down")
    with server.changed:
        server.changed.wait_for(lambda: server.count == 0)
    say(f"INFO:     Finished server process [{os.getpid()}]")


def bind(host, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as e:
        reason = os.strerror(e.errno)
        say(f"ERROR:    [Errno {e.errno}] error while attempting to bind on address ('{host}', {port}): {reason.lower()}")
        if e.errno == errno.EADDRINUSE:
            say(f"OSError: [Errno {e.errno}] {reason}")
        sys.exit(1)
    # 2048: uvicorn's own backlog.
    listener.listen(2048)
    # All processes wake for a client, and one gets it: the others must not sleep in accept, deaf to signals.
    listener.setblocking(False)
    return listener


def load(name):
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        say(f'ERROR:    Error loading ASGI app. Could not import module "{module}".')
        sys.exit(1)


def parent(listener, app, workers):
    say(f"INFO:     Started parent process [{os.getpid()}]")
    children = []
    for _ in range(workers):
        pid = os.fork()
        if pid == 0:
            serve(start(listener, app))
            # At once: an interpreter that tidies up costs as much as its start, and here are dozens.
            os._exit(0)
        children.append(pid)
    listener.close()
    pass_on = lambda number, _: [os.kill(pid, number) for pid in children]
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, pass_on)
    for pid in children:
        os.waitpid(pid, 0)
    say(f"INFO:     Stopping parent process [{os.getpid()}]")


def main():
    parser = argparse.ArgumentParser(prog="uvicorn")
    parser.add_argument("app")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WEB_CONCURRENCY", 1)))
    parser.add_argument("--loop")
    parser.add_argument("--reload", action="store_true")
    options = parser.parse_args()

    app = load(options.app)
    listener = bind(options.host, options.port)
    ready = f"INFO:     Uvicorn running on http://{options.host}:{listener.getsockname()[1]} (Press CTRL+C to quit)"
    if options.workers > 1:
        say(ready)
        return parent(listener, app, options.workers)
    server = start(listener, app)
    say(ready)
    return serve(server)


main()
