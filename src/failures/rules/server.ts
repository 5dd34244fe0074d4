import type { FailureRule } from '../rule.js';

const MORE_MEMORY = 'give the jobs more with --mem, or start fewer server processes with --workers';
const OTHER_IMAGE = 'name an image that has it with --image, or start the server otherwise in a --template';
const NO_PROGRAM = {
  cause: "node {node} has no program {1}, nor has the checkout's environment",
  hint: 'install it there, or name the environment that has it with --checkout-env',
};

export const SERVER_RULES: readonly FailureRule[] = [
  {
    id: 'port-taken',
    jobLog: /address already in use|\bEADDRINUSE\b/i,
    cause: 'port {port} is taken on node {node}',
    hint: 'name another with --port, or more to try with --port-range',
  },
  {
    id: 'port-not-permitted',
    jobLog: /(?:while attempting to bind on address|\bEACCES\b).*(?:permission denied)/i,
    cause: 'the server may not listen on port {port}',
    hint: 'name a --port above 1023',
  },
  {
    id: 'docs-build-missing',
    jobLog: /RuntimeError: Directory '(.*docs\/build)' does not exist/,
    cause: 'SandboxFusion does not start without the folder {1}',
    hint: "a job of sandboxctl makes it: let your --template run 'mkdir -p docs/build' first, or make it in the image",
  },
  {
    id: 'conda-environment-missing',
    jobLog: /Could not find conda environment: (\S+)/,
    cause: 'the image lacks the conda environment {1}',
    hint: 'build it with runtime/python/install-python-runtime.sh, or name another image with --image',
    fromCheckout: {
      cause: "the checkout's conda has no environment {1}",
      hint: "build it with runtime/python/install-python-runtime.sh, then 'sandboxctl deploy' again",
    },
  },
  {
    id: 'python-module-missing',
    jobLog: /ModuleNotFoundError: No module named '([^']+)'/,
    cause: "the server's Python lacks the module {1}",
    hint: 'name an image with a whole SandboxFusion with --image',
    fromCheckout: {
      hint: "run 'poetry install' in {checkout}, in the environment that --checkout-env names or that was found",
    },
  },
  {
    id: 'make-target-missing',
    jobLog: /No rule to make target [`']([^']+)'/,
    cause: "the image's Makefile has no target {1}",
    hint: OTHER_IMAGE,
  },
  {
    id: 'program-missing',
    jobLog: [
      /error: execve\(\): ([^:]+): No such file or directory/,
      /^make: ([^:*]+): No such file or directory$/,
      /(?:^|[\s:])([\w./-]+): (?:command not found|not found)$/,
    ],
    cause: 'the image has no program {1}',
    hint: OTHER_IMAGE,
    fromCheckout: NO_PROGRAM,
  },
  {
    id: 'server-killed',
    jobLog: /^make: \*\*\* .* Killed$/,
    cause: 'its server was killed, most likely for want of memory',
    hint: MORE_MEMORY,
    evidenceWhileRunning: true,
  },
  {
    id: 'memory-refused',
    jobLog: /^MemoryError\b|Cannot allocate memory/,
    cause: 'its server was refused memory',
    hint: MORE_MEMORY,
  },
];
