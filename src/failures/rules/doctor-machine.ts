import type { FailureRule } from '../rule.js';

const ADMINISTRATORS = 'ask the administrators';

/** What only `sandboxctl doctor` finds of a machine: this one, or a node. */
export const DOCTOR_MACHINE_RULES: readonly FailureRule[] = [
  {
    id: 'check-not-possible',
    cause: 'not checked: {check}',
    hint: "'sandboxctl -v doctor' shows each tool that runs, and how long it takes",
    doctor: { severity: 'warning', matters: 'what is wrong there stays unknown' },
  },
  {
    id: 'file-system-hangs',
    cause: 'the folder {folder} gives no answer on {node}',
    hint: `${ADMINISTRATORS} about the file system there, or use another folder: {setting}`,
    doctor: { severity: 'error', matters: 'every command and every job that uses it hangs' },
  },
  {
    id: 'folder-not-writable',
    cause: 'you cannot write {role} on {node}: {folder}',
    hint: 'make the folder writable for you, or use another: {setting}',
    doctor: { severity: 'error', matters: '{matters}' },
  },
  {
    id: 'disk-nearly-full',
    cause: 'little space is left for {role} on {node}: {free} in {folder}',
    hint: 'free some there, or use another folder: {setting}',
    doctor: { severity: 'warning', matters: 'when it is full, {matters}' },
  },
  {
    id: 'inodes-nearly-used-up',
    cause: 'the file system for {role} on {node} takes only {free} more files: {folder}',
    hint: 'delete files there, or use another folder: {setting}',
    doctor: { severity: 'warning', matters: 'when no file can be made, {matters}' },
  },
  {
    id: 'shm-small',
    cause: '/dev/shm on {node} has {free}',
    hint: `${ADMINISTRATORS} for a larger one, such as 'mount -o remount,size=50% /dev/shm'`,
    doctor: {
      severity: 'warning',
      matters: 'programs that share memory (multiprocessing, numpy, PyTorch) fail there, and look wrong',
    },
  },
  {
    id: 'few-open-files',
    cause: 'a process on {node} may have {limit} files open',
    hint: "run 'ulimit -n 65536' before 'sandboxctl gateway', or ask the administrators for more",
    doctor: {
      severity: 'warning',
      matters: 'a gateway there takes about half as many connections at once; further callers wait',
    },
  },
  {
    id: 'program-not-run',
    cause: 'a server on {node} starts, and does not run a program as it should',
    hint: "'sandboxctl serve' on that machine says in its log what programs lack",
    doctor: { severity: 'error', matters: 'servers there do not become ready' },
  },
  {
    id: 'seccomp-filter-refused',
    cause: '{node} cannot put a seccomp filter on programs',
    hint: 'leave --isolation out: the server then starts without the filter and warns',
    doctor: {
      severity: 'error',
      matters: 'a server there refuses to start with the --isolation lite that was asked for',
    },
  },
];
