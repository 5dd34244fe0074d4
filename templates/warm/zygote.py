"""An interpreter that has started, and forks the process of a slot when it is asked for one.

It holds no secret and never sees what a program is, gets or gives: that goes to the slot directly.
"""
import os
import select
import signal

import cgroup
import finish
import kernel
import pages
import program
import slot


#: As the server writes it: an empty line of code, a stdin, and no limits (job.read).
REHEARSAL = b"1 1 0 1 -1 -1 -1\n\n"


class Run:
    """A slot, from its fork until nothing of it is left."""

    def __init__(self, user, first, network, pid, pipes, is_in_cgroup):
        self.user, self.first, self.network, self.pid, self.pipes, self.is_in_cgroup = user, first, network, pid, pipes, is_in_cgroup
        self.control = None
        #: Tells of sockets that its program makes. None where nothing does, or after the first.
        self.listener = None
        self.has_sockets = True
        self.ended = b""
        self.is_over = False

    def opened(self):
        self.control = self.pipes.leave()

    def end(self):
        """Tells how it ended, when all that it started has ended as well."""
        try:
            os.write(self.control, self.ended)
        except OSError:
            # Nobody wants to know.
            pass
        os.close(self.control)


def told(status):
    """How a process ended: a letter, and its exit code or signal as two more."""
    signaled = os.WIFSIGNALED(status)
    value = os.WTERMSIG(status) if signaled else os.WEXITSTATUS(status)
    return b"%c%c%c\n" % (b"S" if signaled else b"E", 65 + (value >> 4), 65 + (value & 15))


class Zygote:
    def __init__(self, config, maker):
        self.maker, self.asked, self.made, folder = maker
        self.births = cgroup.Births(folder)
        self.commands, self.answers = os.dup(0), os.dup(1)
        self.config = config
        kernel.set_thread_stack(config["ownStack"])
        self.sandboxes = slot.Sandboxes(config)
        self.free = config["userNumbers"]
        #: Users and cgroups of slots that were asked for.
        self.wanted = []
        #: By the numbers of their first processes, and of their programs.
        self.runs = {}
        self.programs = {}
        #: By descriptor.
        self.heard = {}
        self.closing = []
        self.texts = {}
        #: For the maker, with the next order.
        self.left = b""
        self.poll = select.poll()

    def answer(self, text):
        os.write(self.answers, text.encode() + b"\n")

    def lines(self, fd):
        """Those that are there. None where the other side is gone."""
        chunk = os.read(fd, 4096)
        if not chunk:
            return None
        *lines, self.texts[fd] = (self.texts.get(fd, b"") + chunk).split(b"\n")
        return lines

    def serve(self):
        """Returns in the processes of programs alone, with what they need to begin."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        job = self.rehearse()
        if job is not None:
            return job
        children = kernel.signal_fd(signal.SIGCHLD)
        kernel.bound_growth()
        self.answer("ready")
        for fd in (self.commands, children, self.made, self.sandboxes.listeners):
            self.poll.register(fd, select.POLLIN)
        while True:
            # Not before all that was seen at once has been dealt with: their numbers would be others' by then.
            while self.closing:
                os.close(self.closing.pop())
            for fd, events in self.poll.poll():
                if fd == children:
                    os.read(children, 4096)
                    self.reap()
                    continue
                if fd == self.sandboxes.listeners:
                    self.listen(*self.sandboxes.next_listener())
                    continue
                if fd not in (self.commands, self.made):
                    self.hear(fd, events)
                    continue
                lines = self.lines(fd)
                if lines is None:
                    os._exit(0)
                for line in lines:
                    job = self.fork(*line.split(None, 1)) if fd == self.made else self.obey(*line.split())
                    if job is not None:
                        return job

    def ask(self, user):
        os.write(self.asked, self.left + b"make %d\n" % user)
        self.left = b""

    def listen(self, first, listener):
        run = self.runs.get(first)
        if run is None:
            self.closing.append(listener)
            return
        run.listener, run.has_sockets = listener, False
        self.heard[listener] = run
        self.poll.register(listener, select.POLLIN)

    def hear(self, listener, events):
        run = self.heard.get(listener)
        if run is None:
            return
        if events & select.POLLIN:
            run.has_sockets = True
            kernel.let_go_on(listener)
        else:
            self.unlisten(run)

    def unlisten(self, run):
        if run.listener is not None:
            self.poll.unregister(run.listener)
            del self.heard[run.listener]
            self.closing.append(run.listener)
            run.listener = None

    def obey(self, word, number=None):
        if word == b"ping":
            self.answer("pong")
        if word == b"fork":
            self.wanted.append((self.free.pop(0), number))
            self.ask(self.wanted[-1][0])
            return
        run = self.runs.get(int(number or 0))
        if run is None:
            return
        if word == b"opened":
            run.opened()
            self.end(run)
        elif word == b"kill":
            os.kill(run.first, signal.SIGKILL)

    def rehearse(self):
        """Runs a program that does nothing, to learn what all of them write to."""
        user = self.free[0]
        self.ask(user)
        first, network = map(int, os.read(self.made, 4096).split())
        copied = pages.Pages(pages.writable())
        finish.rehearses = True
        run = self.start(user, first, network)
        if not isinstance(run, Run):
            return run
        finish.rehearses = False
        for fd in run.pipes.of_program():
            os.close(fd)
        os.write(run.pipes.pairs["job"][1], REHEARSAL)
        if os.read(run.pipes.pairs["stdout"][0], 1):
            copied.look()
        for fd in run.pipes.of_server():
            os.close(fd)
        os.waitpid(run.pid, 0)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
        self.left = b"used %d\n" % network
        listener = self.sandboxes.next_listener()
        if listener is None:
            self.sandboxes.asking_filter = None
        else:
            os.close(listener[1])
        pages.copy_at_fork(copied.runs())
        return None

    def fork(self, first, more):
        """`first`: of namespaces that have been made for the slot that was asked for longest ago; 0 where they could not be."""
        (user, cgroup), first = self.wanted.pop(0), int(first)
        if first == 0:
            return self.miss(user, more.decode())
        network = int(more)
        try:
            run = self.start(user, first, network, cgroup)
        except OSError as error:
            os.kill(first, signal.SIGKILL)
            self.left += b"used %d\n" % network
            return self.miss(user, error)
        if not isinstance(run, Run):
            return run
        self.runs[first] = self.programs[run.pid] = run
        self.answer("slot %d %d %s%s" % (first, run.pid, run.pipes.servers(), " cgroup=1" if run.is_in_cgroup else ""))
        return None

    def miss(self, user, why):
        """Programs may have used up all processes that the kernel lets a user have: what runs goes on."""
        self.free.append(user)
        self.answer("none %s" % why)

    def start(self, user, first, network, cgroup=None):
        """Returns a Run; in its process, its job. `cgroup`: the name of the one that it is to be born in."""
        pipes = slot.Pipes(user)
        descriptors = self.sandboxes.of(first)
        try:
            kernel.join(descriptors, kernel.CLONE_NEWPID)
            pid, is_in_cgroup = self.births.fork(cgroup)
        except OSError:
            for fd in (pipes.leave(), *(fd for fd, _ in descriptors)):
                os.close(fd)
            raise
        if pid == 0:
            job = slot.live(self.sandboxes, pipes, first, descriptors)
            program.begin(job)
            return job
        for fd, _ in descriptors:
            os.close(fd)
        return Run(user, first, network, pid, pipes, is_in_cgroup)

    def reap(self):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid == self.maker:
                os._exit(1)
            if pid in self.programs:
                run = self.programs.pop(pid)
                run.ended = told(status)
                os.kill(run.first, signal.SIGKILL)
            elif pid in self.runs:
                # Ends when all others of its namespace have ended, and have been waited for.
                self.runs[pid].is_over = True
                self.end(self.runs[pid])

    def end(self, run):
        """Not before the server has opened the pipes: it would find those of the next slot at their numbers."""
        if not run.is_over:
            return
        if run.control is None:
            self.answer("over %d" % run.first)
            return
        del self.runs[run.first]
        self.unlisten(run)
        self.left += b"%s %d\n" % (b"used" if run.has_sockets else b"clean", run.network)
        run.end()
        self.free.append(run.user)
        self.answer("gone %d" % run.first)
