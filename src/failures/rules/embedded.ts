import type { FailureRule } from '../rule.js';

export const EMBEDDED_RULES: readonly FailureRule[] = [
  {
    id: 'isolation-not-possible',
    jobLog: /^error: this machine does not let programs be isolated/,
    cause: 'node {node} does not let programs be isolated: it forbids user namespaces, or lacks bubblewrap',
    hint: 'ask an admin for user namespaces: the log names what forbids them, and what helps; without them: --runtime pyxis where Slurm has it, or --isolation none, which runs programs with all that you may do',
    missingPrerequisite: true,
    doctor: {
      severity: 'error',
      matters: 'a server there refuses to start with --isolation lite, its default',
    },
  },
  {
    id: 'no-seccomp-filter',
    jobLog: /^error: this machine cannot put a seccomp filter on programs/,
    cause: 'node {node} cannot put a seccomp filter on programs, which --isolation lite requires',
    hint: 'leave --isolation out to run without the filter (deploy then warns), or ask an admin for a kernel with seccomp',
    missingPrerequisite: true,
    doctor: { severity: 'warning', matters: 'programs there may call all that the kernel has' },
  },
  {
    id: 'no-python',
    jobLog: /^error: there is no Python here/,
    cause: 'node {node} has no Python: the canary, which proves a server healthy, is written in it',
    hint: "install python3 there, then run 'sandboxctl deploy' again",
    missingPrerequisite: true,
    doctor: {
      severity: 'error',
      matters: 'no server there can be proven healthy, and no Python program runs',
    },
  },
];
