import type { Sign } from '../rule.js';

const MORE_MEMORY = 'give the jobs more with --mem, or start fewer server processes with --workers';
const OTHER_IMAGE = 'name an image that has it with --image, or start the server otherwise in a --template';
const NO_PROGRAM = {
  cause: "node {node} has no program {1}, nor has the checkout's environment",
  hint: 'install it there, or name the environment that has it with --checkout-env',
};

/** What a server says that does not start. */
export const SERVER_SIGNS: readonly Sign[] = [
  {
    pattern: /address already in use|\bEADDRINUSE\b/i,
    cause: 'port {port} is taken on node {node}',
    hint: 'name another with --port, or more to try with --port-range',
  },
  {
    pattern: /(?:while attempting to bind on address|\bEACCES\b).*(?:permission denied)/i,
    cause: 'the server may not listen on port {port}',
    hint: 'name a --port above 1023',
  },
  {
    pattern: /RuntimeError: Directory '(.*docs\/build)' does not exist/,
    cause: 'SandboxFusion does not start without the folder {1}',
    hint: "a job of sandboxctl makes it: let your --template run 'mkdir -p docs/build' first, or make it in the image",
  },
  {
    pattern: /Could not find conda environment: (\S+)/,
    cause: 'the image lacks the conda environment {1}',
    hint: 'build it with runtime/python/install-python-runtime.sh, or name another image with --image',
    ofCheckout: {
      cause: "the checkout's conda has no environment {1}",
      hint: "build it with runtime/python/install-python-runtime.sh, then 'sandboxctl deploy' again",
    },
  },
  {
    pattern: /ModuleNotFoundError: No module named '([^']+)'/,
    cause: "the server's Python lacks the module {1}",
    hint: 'name an image with a whole SandboxFusion with --image',
    ofCheckout: {
      hint: "run 'poetry install' in {checkout}, in the environment that --checkout-env names or that was found",
    },
  },
  {
    pattern: /No rule to make target [`']([^']+)'/,
    cause: "the image's Makefile has no target {1}",
    hint: OTHER_IMAGE,
  },
  {
    pattern: /error: execve\(\): ([^:]+): No such file or directory/,
    cause: 'the image has no program {1}',
    hint: OTHER_IMAGE,
    ofCheckout: NO_PROGRAM,
  },
  {
    pattern: /^make: ([^:*]+): No such file or directory$/,
    cause: 'the image has no program {1}',
    hint: OTHER_IMAGE,
    ofCheckout: NO_PROGRAM,
  },
  {
    pattern: /(?:^|[\s:])([\w./-]+): (?:command not found|not found)$/,
    cause: 'the image has no program {1}',
    hint: OTHER_IMAGE,
    ofCheckout: NO_PROGRAM,
  },
  {
    pattern: /^make: \*\*\* .* Killed$/,
    cause: 'its server was killed, most likely for want of memory',
    hint: MORE_MEMORY,
    running: true,
  },
  {
    pattern: /^MemoryError\b|Cannot allocate memory/,
    cause: 'its server was refused memory',
    hint: MORE_MEMORY,
  },
];
