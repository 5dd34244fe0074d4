"""A server that answers canaries without running them, in no time: see srun beside it."""
import os
import re
import socket

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", int(os.environ["PORT"])))
listener.listen(64)
canary = re.compile(rb'"stdin": ?"(\w+)"')
while True:
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(2)
        request = b""
        try:
            while not (found := canary.search(request)):
                request += connection.recv(65536) or 1 / 0
        except (OSError, ZeroDivisionError):
            continue
        stdout = found[1].decode() + ":" + os.environ["SANDBOXCTL_JOB_NONCE"] + r"\n"
        body = (
            '{"status":"Failed","message":"","compile_result":null,"run_result":{"status":"Finished",'
            '"execution_time":0.001,"return_code":7,"stdout":"%s","stderr":"canary\\n"},"executor_pod_name":null,"files":{}}'
        ) % stdout
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        connection.sendall((head % len(body) + body).encode())
