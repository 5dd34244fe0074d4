"""Passes a listening socket from one gateway to its successor on the same node, which Node.js alone cannot.

Both sides start this program and talk to it by Node's own protocol for child processes, on NODE_CHANNEL_FD:
`give NAME` keeps the socket until somebody of the same user takes it, `take NAME` takes it from who gives it.
"""

import array
import os
import select
import socket
import struct
import sys


def send(to, descriptor, line):
    to.sendmsg([line], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])


def receive(source):
    _, ancillary, _, _ = source.recvmsg(65536, socket.CMSG_SPACE(4))
    for level, kind, body in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            return struct.unpack("i", body[:4])[0]
    raise SystemExit("no socket came")


def is_ours(peer):
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid == os.getuid()


def wait(sources, parent, seconds=None):
    # Without its gateway a socket that is kept would take connections that nobody answers.
    if parent in select.select([parent, *sources], [], [], seconds)[0]:
        raise SystemExit


def give(parent, name):
    listener = receive(parent)
    parent.send(b'{"cmd":"NODE_HANDLE_ACK"}\n')
    door = socket.socket(socket.AF_UNIX)
    while True:
        try:
            door.bind("\0" + name)
            break
        except OSError:
            # The one before us still gives: it has just given to us, or has not noticed its end.
            wait([], parent, 0.5)
    door.listen(4)
    while True:
        wait([door], parent)
        peer, _ = door.accept()
        with peer:
            peer.settimeout(5)
            try:
                if not is_ours(peer):
                    continue
                send(peer, listener, b"s")
                if peer.recv(1) != b"k":
                    continue
            except OSError:
                continue
        parent.send(b'"given"\n')
        return


def take(parent, name):
    door = socket.socket(socket.AF_UNIX)
    door.settimeout(5)
    door.connect("\0" + name)
    if not is_ours(door):
        raise SystemExit("somebody else gives it")
    send(parent, receive(door), b'{"cmd":"NODE_HANDLE","type":"net.Native","msg":"taken"}\n')
    # Node has it.
    parent.recv(65536)
    door.send(b"k")


verb, name = sys.argv[1:]
parent = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
parent.setblocking(True)
{"give": give, "take": take}[verb](parent, name)
