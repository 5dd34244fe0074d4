"""Runs a command on a terminal of its own: terminal.py COLUMNS ROWS WAIT_FOR SEND COMMAND...

Sends SEND once WAIT_FOR was seen (both may be empty), prints what came, ends with the command's code.
"""
import fcntl, os, pty, select, struct, sys, termios, time

columns, rows, wait_for, send, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    # The size must stand before the command looks: the parent sets it, and says so by one byte.
    os.read(0, 1)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
attributes = termios.tcgetattr(terminal)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(terminal, termios.TCSANOW, attributes)
os.write(terminal, b"\n")
seen, sent, end = b"", send == "", time.monotonic() + 240
while time.monotonic() < end:
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if not sent and wait_for.encode() in seen:
        os.write(terminal, send.encode().decode("unicode_escape").encode())
        sent = True
else:
    os.kill(pid, 9)
sys.stdout.buffer.write(seen)
sys.stdout.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
