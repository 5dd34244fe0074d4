import { BASE, CODE_AT, elfHeader } from './elf.js';

/**
 * A program that begins a session, covers the kernel's list of keys, gives up all capabilities, puts the seccomp filter
 * on itself and becomes what its arguments name. Without bubblewrap somebody must do it between the last mount and the program; no tool that is on every
 * node can, and an interpreter would take longer than the rest of a sandbox. So it is these few instructions, as
 * a static ELF file: no libraries, no data but what stands here.
 */
export function loader(architecture: string, filter: Buffer): Buffer | undefined {
  const machine = MACHINES[architecture];
  if (machine === undefined) return undefined;
  const addresses = { header: 0, none: 0, program: 0, message: 0, nothing: 0, keys: 0 };
  // Twice: the addresses depend on the length of the code, but not the other way round.
  layOut(machine, addresses, filter);
  return layOut(machine, addresses, filter);
}

interface Addresses {
  header: number;
  none: number;
  program: number;
  message: number;
  nothing: number;
  keys: number;
}

interface Machine {
  /** e_machine of elf.h. */
  elf: number;
  calls: Readonly<
    Record<'setsid' | 'mount' | 'prctl' | 'capset' | 'seccomp' | 'execve' | 'exit' | 'write', number>
  >;
  /** Sets the arguments and the number, and calls the kernel. */
  call(number: number, args: readonly number[]): number[];
  /** Jumps to `offset` (from the next instruction's end) where the last call did not return 0. */
  unlessZero(offset: (ownLength: number) => number): number[];
  /** prctl(PR_CAPBSET_DROP, n) for n from `last` down to 0. */
  dropEach(last: number): number[];
  /** execve(argv[1], &argv[1], environment), from the stack as the kernel made it. */
  execArguments(): number[];
}

const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
/** _LINUX_CAPABILITY_VERSION_3 of linux/capability.h. */
const CAPABILITY_VERSION = 0x20080522;
/** More than exist; the kernel refuses unknown ones. */
const LAST_CAPABILITY = 63;
/** A shell's exit code for a command that was found but could not be run. */
const NOT_RUN = 126;
const MS_BIND = 4096;
const NOTHING = Buffer.from('/dev/null\0');
/** It lists the keys of every process of the same user. */
const KEYS = Buffer.from('/proc/keys\0');
const MESSAGE = Buffer.from('cannot put the seccomp filter on\n');

function layOut(machine: Machine, at: Addresses, filter: Buffer): Buffer {
  const { calls, call, unlessZero } = machine;
  const fail = [...call(calls.write, [2, at.message, MESSAGE.length]), ...call(calls.exit, [NOT_RUN])];
  const code = [...fail];
  const check = () => code.push(...unlessZero((ownLength) => -(code.length + ownLength)));
  // What a program sends to its group must not reach what keeps it. Whoever leads a group has a session already.
  code.push(...call(calls.setsid, []), ...call(calls.mount, [at.nothing, at.keys, 0, MS_BIND, 0]));
  code.push(...machine.dropEach(LAST_CAPABILITY));
  code.push(...call(calls.capset, [at.header, at.none]));
  check();
  code.push(...call(calls.prctl, [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]));
  check();
  code.push(...call(calls.seccomp, [SECCOMP_SET_MODE_FILTER, 0, at.program]));
  check();
  code.push(...machine.execArguments(), ...call(calls.exit, [NOT_RUN + 1]));

  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION);
  const none = Buffer.alloc(24);
  // struct sock_fprog: the count of instructions, and where they are.
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / 8);
  const codeBytes = Buffer.alloc(Math.ceil(code.length / 16) * 16);
  codeBytes.set(code);
  const parts = [codeBytes, header, none, program, filter, MESSAGE, NOTHING, KEYS];
  const starts = parts.map((_, index) => BASE + CODE_AT + Buffer.concat(parts.slice(0, index)).length);
  [, at.header = 0, at.none = 0, at.program = 0, , at.message = 0, at.nothing = 0, at.keys = 0] = starts;
  program.writeBigUInt64LE(BigInt(starts[4] ?? 0), 8);
  const body = Buffer.concat(parts);
  return Buffer.concat([elfHeader(machine.elf, BASE + CODE_AT + fail.length, CODE_AT + body.length), body]);
}

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

const X64: Machine = {
  elf: 62,
  calls: { setsid: 112, mount: 165, prctl: 157, capset: 126, seccomp: 317, execve: 59, exit: 231, write: 1 },
  call: (number, args) => {
    // mov edi | esi | edx | r10d | r8d, value
    const move = [[0xbf], [0xbe], [0xba], [0x41, 0xba], [0x41, 0xb8]];
    const set = args.flatMap((value, index) => [...(move[index] ?? []), ...word(value)]);
    return [...set, 0xb8, ...word(number), 0x0f, 0x05]; // mov eax, number; syscall
  },
  unlessZero: (offset) => [0x85, 0xc0, 0x0f, 0x85, ...word(offset(8))], // test eax, eax; jnz
  dropEach: (last) => {
    const call = [...X64.call(X64.calls.prctl, [PR_CAPBSET_DROP])];
    const body = [0x89, 0xde, ...call, 0xff, 0xcb]; // mov esi, ebx; ...; dec ebx
    return [0xbb, ...word(last), ...body, 0x79, 0x100 - body.length - 2]; // mov ebx, last; ...; jns
  },
  execArguments: () => [
    ...[0x48, 0x8b, 0x0c, 0x24], // mov rcx, [rsp]: how many arguments
    ...[0x48, 0x8d, 0x74, 0x24, 0x10], // lea rsi, [rsp + 16]
    ...[0x48, 0x8d, 0x54, 0xcc, 0x10], // lea rdx, [rsp + rcx * 8 + 16]: behind the arguments and their NULL
    ...[0x48, 0x8b, 0x3e], // mov rdi, [rsi]
    ...X64.call(X64.calls.execve, []),
  ],
};

const SVC = 0xd4000001;

const ARM64: Machine = {
  elf: 183,
  calls: { setsid: 157, mount: 40, prctl: 167, capset: 91, seccomp: 277, execve: 221, exit: 94, write: 64 },
  call: (number, args) => [
    ...args.flatMap((value, register) => armMove(register, value)),
    ...[...armMove(8, number), ...word(SVC)],
  ],
  unlessZero: (offset) => word(0xb5000000 | (((offset(0) / 4) & 0x7ffff) << 5)), // cbnz x0
  dropEach: (last) => {
    const call = ARM64.call(ARM64.calls.prctl, [PR_CAPBSET_DROP]);
    const body = [...word(0xaa1303e1), ...call, ...word(0xf1000673)]; // mov x1, x19; ...; subs x19, x19, 1
    const back = ((-body.length / 4) & 0x7ffff) << 5;
    return [...armMove(19, last), ...body, ...word(0x54000005 | back)]; // ...; b.pl
  },
  execArguments: () => [
    ...word(0xf94003e9), // ldr x9, [sp]
    ...word(0x910043e1), // add x1, sp, 16
    ...word(0x8b090c22), // add x2, x1, x9, lsl 3
    ...word(0xf9400020), // ldr x0, [x1]
    ...ARM64.call(ARM64.calls.execve, []),
  ],
};

/** movz, movk: 16 bits each. */
function armMove(register: number, value: number): number[] {
  return [
    ...word(0xd2800000 | ((value & 0xffff) << 5) | register),
    ...word(0xf2a00000 | (((value >>> 16) & 0xffff) << 5) | register),
  ];
}

const MACHINES: Readonly<Partial<Record<string, Machine>>> = { x64: X64, arm64: ARM64 };
