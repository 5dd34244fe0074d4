"""An interpreter that has started, and forks a sandbox when it is asked for one.

It holds no secret and never sees what a program is, gets or gives: that goes to the sandbox directly.
"""
import os
import select
import signal
import sys

import kernel
import program
import slot


class Zygote:
    def __init__(self, config):
        self.config = config
        self.commands, self.answers = os.dup(0), os.dup(1)
        self.pipes = {}
        self.users = {}
        self.free = config["userNumbers"]
        self.namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def answer(self, text):
        os.write(self.answers, text.encode() + b"\n")

    def serve(self):
        """Returns in the processes of programs alone, with what they need to begin."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        children = kernel.signal_fd(signal.SIGCHLD)
        self.answer("ready")
        text = b""
        poll = select.poll()
        poll.register(self.commands, select.POLLIN)
        poll.register(children, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == children:
                    os.read(children, 4096)
                    self.reap()
                    continue
                chunk = os.read(self.commands, 4096)
                if not chunk:
                    os._exit(0)
                *lines, text = (text + chunk).split(b"\n")
                for line in lines:
                    started = self.obey(line.decode().split(" "))
                    if started is not None:
                        return started

    def obey(self, words):
        if words[0] == "fork":
            return self.fork()
        if words[0] == "opened":
            for fd in self.pipes.pop(int(words[1])).all():
                os.close(fd)
        if words[0] == "kill" and int(words[1]) in self.users:
            os.kill(int(words[1]), signal.SIGKILL)
        return None

    def fork(self):
        user = self.free.pop(0)
        pipes = slot.Pipes()
        if user != 0:
            pipes.give_to(user)
        # Twice in a row only from where the first time has not led yet.
        kernel.setns(self.namespace, kernel.CLONE_NEWPID)
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            ends = pipes.ends(True)
            job = slot.live(self.config, ends, user)
            program.begin(self.config, ends, job)
            return job
        self.pipes[pid], self.users[pid] = pipes, user
        ours = pipes.ends(False)
        self.answer("slot %d %s" % (pid, " ".join("%s=%d" % each for each in ours.items())))
        return None

    def reap(self):
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            user = self.users.pop(pid, None)
            if user is None:
                continue
            self.free.append(user)
            if pid in self.pipes:
                for fd in self.pipes.pop(pid).all():
                    os.close(fd)
            self.answer("gone %d" % pid)
