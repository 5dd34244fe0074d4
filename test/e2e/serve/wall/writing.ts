import { type Attempt, python } from './attempt.js';

/** Programs that change what is not theirs, or want more rights. */
export const WRITING: readonly Attempt[] = [
  python(
    'writes all over the file system',
    `for folder in ("/", "/usr", "/usr/bin", "/etc", "/bin", "/lib", "/opt", "/dev", "/proc", "/root", outside["open"], "/var/tmp", "/run"):
    refused(folder, lambda: open(os.path.join(folder, "sandboxctl-wall"), "w"))`,
  ),
  python(
    'overwrites programs and settings',
    `for path in ("/usr/bin/python3", "/bin/sh", "/etc/passwd", "/etc/hosts", sys.executable):
    refused(path, lambda: open(path, "ab"))
    refused(path, lambda: os.chmod(path, 0o777))
    refused(path, lambda: os.unlink(path))
    refused(path, lambda: os.rename(path, path + "2"))`,
  ),
  python(
    'turns the switches of the kernel',
    `for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces", "/proc/self/oom_score_adj", "/sys/kernel/uevent_helper"):
    value = "-1000" if "oom" in path else "1"
    refused(path, lambda: os.write(os.open(path, os.O_WRONLY), value.encode()))`,
  ),
  python(
    'mounts, and makes mounts writable',
    `MS_REMOUNT, MS_BIND = 32, 4096
for source, target, kind, flags in ((b"none", b"/usr", None, MS_REMOUNT | MS_BIND), (b"none", b"/", None, MS_REMOUNT | MS_BIND), (b"x", b"/tmp", b"tmpfs", 0), (b"/", b"/tmp", None, MS_BIND), (b"proc", b"/tmp", b"proc", 0)):
    result = libc.mount(source, target, kind, ctypes.c_ulong(flags), None)
    print("held" if result < 0 else "BROKEN", target)`,
  ),
  python(
    'takes mounts away',
    `for path in (b"/tmp", b"/proc", b"/dev", b"/dev/shm", b"/etc", b"/usr", b"/"):
    print("held" if libc.umount2(path, 2) < 0 else "BROKEN", path)`,
  ),
  python(
    'changes its root',
    `os.mkdir("cell")
refused("chroot", lambda: os.chroot("cell"))
number = 155 if os.uname().machine == "x86_64" else 41
print("held" if syscall(number, ctypes.c_char_p(b"."), ctypes.c_char_p(b".")) < 0 else "BROKEN")`,
  ),
  python(
    'makes devices',
    `for kind, device in ((stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFCHR, os.makedev(1, 1))):
    refused("mknod", lambda: os.mknod("device", 0o666 | kind, device))`,
  ),
  python(
    'runs programs that are another user when they run',
    `found = [path for folder in ("/usr/bin", "/usr/sbin", "/bin") for path in glob.glob(folder + "/*") if os.stat(path).st_mode & stat.S_ISUID]
for path in found[:12]:
    subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=5)
status = open("/proc/self/status").read()
caps = [line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"))]
if any(int(each, 16) for each in caps): print("BROKEN", caps)
if "NoNewPrivs:\\t1" not in status: print("BROKEN", "may gain privileges")
refused("setuid", lambda: os.setuid(1))
refused("setgid", lambda: os.setgid(1))
refused("setgroups", lambda: os.setgroups([0]))`,
  ),
  python(
    'makes a program that is root when it runs',
    `import shutil
shutil.copy("/bin/sh", "shell")
os.chmod("shell", 0o6755)
status = subprocess.run(["./shell", "-c", "cat /proc/self/status"], capture_output=True, text=True).stdout
if "CapEff:\\t0000000000000000" not in status: print("BROKEN", status)`,
  ),
  python(
    'makes namespaces of its own',
    `for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("net", 0x40000000), ("pid", 0x20000000), ("ipc", 0x8000000), ("uts", 0x4000000), ("user and mount", 0x10020000)):
    if libc.unshare(flag) == 0: print("BROKEN unshare", name)
    else: print("held", name)
if subprocess.run(["unshare", "--user", "--map-root-user", "true"], capture_output=True).returncode == 0: print("BROKEN")`,
  ),
  python(
    'clones into a namespace',
    `number = 56 if os.uname().machine == "x86_64" else 220
for flags in (0x10000000, 0x10000000 | 0x20000, 0x40000000):
    pid = syscall(number, flags | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0: os._exit(0)
    print("held" if pid < 0 else "BROKEN", pid)`,
  ),
  python(
    'starts a process in the name of its own parent',
    `pid = syscall(56 if X86 else 220, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0)
if pid == 0: os._exit(0)
print("held" if pid < 0 else "BROKEN", pid)`,
  ),
  python(
    'clones into a namespace by the newer call',
    `arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, signal.SIGCHLD)
pid = syscall(435, arguments, 88)
if pid == 0: os._exit(0)
print("held" if pid < 0 else "BROKEN", pid)`,
  ),
  python(
    'enters the namespaces of others',
    `for path in glob.glob("/proc/[0-9]*/ns/*"):
    try: fd = os.open(path, os.O_RDONLY)
    except OSError: continue
    if os.readlink(path) != os.readlink("/proc/self/ns/" + os.path.basename(path)):
        print("held" if libc.setns(fd, 0) < 0 else "BROKEN", path)`,
  ),
  python(
    'lifts its limits',
    `for name in ("RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_NPROC"):
    limit = getattr(resource, name)
    hard = resource.getrlimit(limit)[1]
    if hard == resource.RLIM_INFINITY: print("BROKEN", name, "has no limit")
    refused(name, lambda: resource.setrlimit(limit, (hard + 1, hard + 1)))
refused("nice", lambda: os.nice(-5))
refused("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))`,
  ),
  python(
    'loads into the kernel',
    `for number in ((175, 246, 321, 298, 323, 425) if os.uname().machine == "x86_64" else (105, 104, 280, 241, 282, 425)):
    result = syscall(number, 0, 0, 0, 0, 0)
    print("held" if result < 0 else "BROKEN", number, result)`,
  ),
  python(
    'sets the clock and the name of the machine, and reboots',
    `refused("time", lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
refused("name", lambda: socket.sethostname("x" * 8))
number = 169 if os.uname().machine == "x86_64" else 142
print("held" if syscall(number, 0xfee1dead, 672274793, 0x89abcdef, 0) < 0 else "BROKEN")`,
  ),
];
