import { syscallNames } from './syscall-numbers.js';
import { ALLOWED_SYSCALLS, COUNTED_SYSCALLS, MISSING_SYSCALLS } from './syscall-policy.js';

/**
 * A seccomp filter as a classic BPF program. It blocks what namespaces do not isolate, other processes' memory and
 * descriptors, and new namespaces.
 */

/** AUDIT_ARCH_* of linux/audit.h, by Node's names. */
const AUDIT: Readonly<Partial<Record<string, number>>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Every namespace flag of clone(2): NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET. */
const NAMESPACES = 0x7e020080;
/**
 * CLONE_PARENT: a child of who started the program. In a warm run that is the zygote, and what belongs to a run, with
 * its memory and CPU time, is what its first process and its program have started.
 */
const PARENT = 0x8000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: no vsock, no crypto, no packets. */
const FAMILIES = [1, 2, 10, 16];
/** Pushing input into a terminal. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** personality(2): the query, and UNAME26, ADDR_NO_RANDOMIZE and PER_LINUX32, which setarch and sanitizers set. */
const PERSONALITY_QUESTION = 0xffffffff;
const PERSONALITIES = 0x00020000 | 0x00040000 | 0x0008;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const ALLOW = 0x7fff0000;
/** SECCOMP_RET_USER_NOTIF: the call waits until who holds the filter's listener lets it go on. */
const ASK = 0x7fc00000;
const refuse = (errno: number) => 0x00050000 | errno;

/** Offsets in struct seccomp_data; the low half of an argument comes first on both architectures. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const argumentAt = (index: number) => 16 + 8 * index;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

type Instruction = [code: number, yes: number, no: number, value: number];

const answer = (value: number): Instruction => [RETURN, 0, 0, value];
const load = (at: number): Instruction => [LOAD, 0, 0, at];

/**
 * The filter for a machine as Node names it; undefined for unknown architectures. `counted`: whether a cgroup counts
 * a run's memory. `asked`: calls that are allowed, but not before a listener has heard of them.
 */
export function seccompFilter(
  architecture: string,
  counted: boolean,
  asked: readonly string[] = [],
): Buffer | undefined {
  const [names, audit] = [syscallNames(architecture), AUDIT[architecture]];
  if (names === undefined || audit === undefined) return undefined;
  const numbers = new Map([...names].map(([number, name]) => [name, number]));
  const byArgument = Object.entries(ARGUMENT_RULES).flatMap(([name, rule]): Instruction[] => {
    const body = rule(asked.includes(name) ? ASK : ALLOW);
    return [[JUMP_EQUAL, 0, body.length, numbers.get(name) ?? 0], ...body];
  });
  const answers = answersByNumber(names, (name) =>
    name !== undefined && asked.includes(name) ? ASK : answerFor(name, counted),
  );
  return assemble([
    load(ARCHITECTURE_AT),
    [JUMP_EQUAL, 1, 0, audit],
    // Numbers of another architecture mean other calls.
    answer(refuse(ENOSYS)),
    load(NUMBER_AT),
    ...byArgument,
    ...decide(answers),
  ]);
}

/** Calls that depend on an argument, with the answer to those that are allowed. */
const ARGUMENT_RULES: Readonly<Record<string, (allow: number) => Instruction[]>> = {
  clone: withoutBits(NAMESPACES | PARENT),
  unshare: withoutBits(NAMESPACES),
  socket: oneOf(0, FAMILIES, EAFNOSUPPORT),
  socketpair: oneOf(0, FAMILIES, EAFNOSUPPORT),
  // Programs must not limit their parent, which has to report how they ended.
  prlimit64: (allow) => [load(argumentAt(0)), ...when([1], refuse(EPERM)), answer(allow)],
  ioctl: (allow) => [load(argumentAt(1)), ...when([TIOCSTI, TIOCLINUX], refuse(EPERM)), answer(allow)],
  personality: (allow) => [
    load(argumentAt(0)),
    ...when([PERSONALITY_QUESTION], allow),
    [JUMP_ANY_BIT, 0, 1, ~PERSONALITIES >>> 0],
    answer(refuse(EPERM)),
    answer(allow),
  ],
};

function withoutBits(bits: number) {
  return (allow: number): Instruction[] => [
    load(argumentAt(0)),
    [JUMP_ANY_BIT, 0, 1, bits],
    answer(refuse(EPERM)),
    answer(allow),
  ];
}

function oneOf(argument: number, values: readonly number[], errno: number) {
  return (allow: number): Instruction[] => [
    load(argumentAt(argument)),
    ...when(values, allow),
    answer(refuse(errno)),
  ];
}

function when(values: readonly number[], then: number): Instruction[] {
  return values.flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], answer(then)]);
}

/** Numbers from `from` on, up to the next one's, have the same answer. */
interface Range {
  from: number;
  value: number;
}

/** Numbers after the last known one get ENOSYS, including x32 calls, whose numbers have bit 30. */
function answersByNumber(
  names: ReadonlyMap<number, string>,
  answerOf: (name: string | undefined) => number,
): Range[] {
  const end = Math.max(...names.keys()) + 1;
  const ranges: Range[] = [];
  for (let number = 0; number <= end; number += 1) {
    const value = answerOf(names.get(number));
    if (ranges.at(-1)?.value !== value) ranges.push({ from: number, value });
  }
  return ranges;
}

function answerFor(name: string | undefined, counted: boolean): number {
  if (name === undefined || MISSING_SYSCALLS.has(name)) return refuse(ENOSYS);
  if (COUNTED_SYSCALLS.has(name)) return counted ? ALLOW : refuse(ENOSYS);
  return ALLOWED_SYSCALLS.has(name) ? ALLOW : refuse(EPERM);
}

/** A binary search, since every call of a program passes through it. */
function decide(ranges: readonly Range[]): Instruction[] {
  const [only] = ranges;
  if (only !== undefined && ranges.length === 1) return [answer(only.value)];
  const half = ranges.length >> 1;
  const [below, above] = [decide(ranges.slice(0, half)), decide(ranges.slice(half))];
  return [[JUMP_AT_LEAST, below.length, 0, ranges[half]?.from ?? 0], ...below, ...above];
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
