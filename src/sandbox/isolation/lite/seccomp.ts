/**
 * A seccomp filter, as the classic BPF program that the kernel takes. It keeps programs from what no
 * namespace holds: keyrings, vsock, kernel interfaces that are often attacked, memory that no process is
 * charged for, and namespaces of their own.
 */

interface Syscalls {
  audit: number;
  /** Refused with EPERM. */
  forbidden: readonly number[];
  /** Refused with ENOSYS, so that libraries take another way. */
  missing: readonly number[];
  unshare: number;
  clone: number;
  socket: number;
  ioctl: number;
}

/** Numbers from the kernel's tables (asm/unistd_64.h; asm-generic/unistd.h), audit words from linux/audit.h. */
const ARCHITECTURES: Readonly<Partial<Record<string, Syscalls>>> = {
  x64: {
    audit: 0xc000003e,
    // mount umount2 pivot_root setns keyctl add_key request_key bpf perf_event_open userfaultfd, the new mount calls
    forbidden: [165, 166, 155, 308, 250, 248, 249, 321, 298, 323, 428, 429, 430, 431, 432, 433, 442],
    // clone3 (its flags lie in memory), io_uring_*, memfd_create, memfd_secret, shmget, semget, msgget
    missing: [435, 425, 426, 427, 319, 447, 29, 64, 68],
    unshare: 272,
    clone: 56,
    socket: 41,
    ioctl: 16,
  },
  arm64: {
    audit: 0xc00000b7,
    forbidden: [40, 39, 41, 268, 219, 217, 218, 280, 241, 282, 428, 429, 430, 431, 432, 433, 442],
    missing: [435, 425, 426, 427, 279, 447, 194, 190, 186],
    unshare: 97,
    clone: 220,
    socket: 198,
    ioctl: 29,
  },
};

/** Every namespace flag of clone(2): NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET. */
const NAMESPACES = 0x7e020080;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: no vsock, no crypto, no packets. */
const FAMILIES = [1, 2, 10, 16];
/** Pushing input into a terminal. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const ALLOW = 0x7fff0000;
const refuse = (errno: number) => 0x00050000 | errno;

/** Offsets in struct seccomp_data; the low half of an argument comes first on both architectures. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const argumentAt = (index: number) => 16 + 8 * index;
/** x32 calls come with the audit word of x86-64 and this bit. */
const X32_BIT = 0x40000000;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

type Instruction = [code: number, yes: number, no: number, value: number];

/** The filter for a machine as Node names it; undefined for those whose calls are not known here. */
export function seccompFilter(architecture: string): Buffer | undefined {
  const calls = ARCHITECTURES[architecture];
  if (calls === undefined) return undefined;
  const when = (number: number, body: Instruction[]): Instruction[] => [
    [JUMP_EQUAL, 0, body.length, number],
    ...body,
  ];
  const answer = (value: number): Instruction => [RETURN, 0, 0, value];
  const ifNamespace: Instruction[] = [
    [LOAD, 0, 0, argumentAt(0)],
    [JUMP_ANY_BIT, 0, 1, NAMESPACES],
    answer(refuse(EPERM)),
    answer(ALLOW),
  ];
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCHITECTURE_AT],
    [JUMP_EQUAL, 1, 0, calls.audit],
    answer(refuse(ENOSYS)),
    [LOAD, 0, 0, NUMBER_AT],
    [JUMP_AT_LEAST, 0, 1, X32_BIT],
    answer(refuse(ENOSYS)),
    ...when(calls.clone, ifNamespace),
    ...when(calls.unshare, ifNamespace),
    ...when(calls.socket, [
      [LOAD, 0, 0, argumentAt(0)],
      ...FAMILIES.flatMap((family): Instruction[] => [[JUMP_EQUAL, 0, 1, family], answer(ALLOW)]),
      answer(refuse(EAFNOSUPPORT)),
    ]),
    ...when(calls.ioctl, [
      [LOAD, 0, 0, argumentAt(1)],
      [JUMP_EQUAL, 1, 0, TIOCSTI],
      [JUMP_EQUAL, 0, 1, TIOCLINUX],
      answer(refuse(EPERM)),
      answer(ALLOW),
    ]),
    ...calls.forbidden.flatMap((number) => when(number, [answer(refuse(EPERM))])),
    ...calls.missing.flatMap((number) => when(number, [answer(refuse(ENOSYS))])),
    answer(ALLOW),
  ];
  return assemble(program);
}

/** struct sock_filter: u16 code, u8 jump if true, u8 jump if false, u32 value. */
function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, yes, no, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  });
  return bytes;
}
