import { expect } from 'vitest';
import { type Attempt, python } from './attempt.js';

/** Programs that look for what is not theirs. That no answer holds the secret is checked for all of them. */
export const READING: readonly Attempt[] = [
  python('reads /etc/shadow', 'for path in ("/etc/shadow", "/etc/gshadow", "/etc/shadow-"): hidden(path)'),
  python(
    'reads ssh keys, the state folder and the token',
    'for path in outside["secretFiles"]: hidden(path)',
  ),
  python(
    'looks through all homes',
    `for top in ("/root", "/home"):
    for folder, _, files in os.walk(top):
        for name in files:
            if name in ("id_ed25519", ".bash_history", ".netrc", ".git-credentials", ".npmrc"):
                print("BROKEN", folder, name)`,
  ),
  python(
    'looks for what services keep',
    'for path in ("/run", "/var", "/srv", "/mnt", "/media", "/boot", "/work", "/sys/class", "/sys/fs", "/sys/kernel", "/sys/firmware", "/sys/devices/virtual", "/sys/devices/pci0000:00"): hidden(path)',
  ),
  python('reads the folder of this server', 'hidden(os.path.dirname(outside["socket"]))'),
  python(
    "reads another run's /tmp",
    'print([name for name in os.listdir("/tmp") if "victim" in name] and "BROKEN")',
  ),
  python(
    'reads the environment of every process',
    `for path in glob.glob("/proc/[0-9]*/environ"):
    try: print(open(path, errors="replace").read().replace(chr(0), " "))
    except OSError as error: print("held", error)
for name in os.environ: print("has", name)`,
    {
      check: ({ run_result }) => {
        const names = [...(run_result?.stdout ?? '').matchAll(/^has (.*)$/gm)].map(([, name]) => name);
        const built = ['HOME', 'LANG', 'LC_CTYPE', 'OMP_NUM_THREADS', 'OLDPWD', 'PATH', 'PWD', 'SHLVL'];
        expect(names.filter((name) => !built.includes(name ?? ''))).toEqual([]);
      },
    },
  ),
  python(
    'reads the memory of every process',
    `mine = os.getpid()
for path in glob.glob("/proc/[0-9]*/maps"):
    pid = path.split("/")[2]
    if int(pid) == mine: continue
    try:
        for line in open(path):
            if " rw" not in line: continue
            low, high = [int(each, 16) for each in line.split()[0].split("-")]
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(low)
                sys.stdout.write(memory.read(min(high - low, 1 << 22)).decode("latin1"))
    except (OSError, ValueError, OverflowError) as error: print("held", type(error).__name__)`,
  ),
  python(
    'sees processes of the host',
    'pids = [each for each in os.listdir("/proc") if each.isdigit()]\nif len(pids) > 4: print("BROKEN", pids)',
  ),
  python(
    'leaves by the root and folder of other processes',
    `for link in ("root", "cwd"):
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            for path in outside["secretFiles"]: hidden(f"/proc/{pid}/{link}{path}")
            hidden(f"/proc/{pid}/{link}/../../../../../root/.ssh")`,
  ),
  python(
    'opens the memory and the disks of the machine',
    `for path in ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/fuse", "/dev/kvm", "/dev/loop0", "/proc/kcore"): refused(path, lambda: open(path, "rb").read(1))`,
  ),
  python(
    'makes a link to what it may not read',
    `refused("link", lambda: os.link("/etc/shadow", "shadow"))
os.symlink("/etc/shadow", "symbolic")
hidden("symbolic")`,
  ),
  python(
    'opens a file by its handle',
    `handle = ctypes.create_string_buffer(b"\\x08\\0\\0\\0\\x01\\0\\0\\0\\x02\\0\\0\\0\\0\\0\\0\\0" + bytes(128))
number = 304 if os.uname().machine == "x86_64" else 265
result = syscall(number, os.open("/", os.O_RDONLY), handle, os.O_RDONLY)
print("held" if result < 0 else "BROKEN", result)`,
  ),
  python(
    'asks the keyrings',
    `number = 250 if os.uname().machine == "x86_64" else 219
result = syscall(number, 6, -3, 0, 0)
if result != -errno.EPERM: print("BROKEN", result)`,
  ),
  python(
    'sees where the host mounts what',
    'text = open("/proc/self/mountinfo").read()\nif "/home" in text or "nfs" in text: print("BROKEN", text)',
  ),
];
