import { type Attempt, python } from './attempt.js';

const connect = (where: string) => `refused("connect", lambda: socket.create_connection(${where}, 2))`;

/** Programs that want to talk to somebody. */
export const REACHING: readonly Attempt[] = [
  python('reaches its own server', connect('("127.0.0.1", outside["serverPort"])')),
  python('reaches another port of the machine', connect('("127.0.0.1", outside["tcpPort"])')),
  python('reaches it by IPv6', connect('("::1", outside["tcpPort"])')),
  python('reaches the network', connect('("192.0.2.1", 80)')),
  python('asks the name service', 'refused("name", lambda: socket.getaddrinfo("sandboxctl.example", 80))'),
  python(
    'sends datagrams',
    `for address in (("127.0.0.1", outside["udpPort"]), ("192.0.2.1", 53)):
    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"wall", address)
    except OSError as error: print("held", error)`,
  ),
  python(
    'reaches a named socket',
    `for path in (outside["socket"], "/run/munge/munge.socket.2", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "/dev/log"):
    refused(path, lambda: socket.socket(socket.AF_UNIX).connect(path))`,
  ),
  python(
    'reaches an abstract socket',
    'refused("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + outside["abstractSocket"]))',
  ),
  python(
    'opens raw, packet and other sockets',
    `refused("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
for family in (17, 38, 40, 31, 29):
    try: made = socket.socket(family, socket.SOCK_STREAM if family == 40 else socket.SOCK_RAW)
    except OSError as error: print("held", error)
    else: print("BROKEN", family)`,
  ),
  python(
    'changes the network',
    `if subprocess.run("ip link add wall0 type dummy || ip addr add 192.0.2.9/24 dev lo", shell=True, capture_output=True).returncode == 0: print("BROKEN")
names = [name for _, name in socket.if_nameindex()]
if [name for name in names if name not in ("lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6gre0", "dummy0")]: print("BROKEN", names)`,
  ),
  python(
    'pushes input into a terminal',
    `import fcntl
refused("terminal", lambda: open("/dev/tty"))
for fd in (0, 1, 2):
    refused("input", lambda: fcntl.ioctl(fd, 0x5412, b"x"))`,
  ),
];
