import type { FailureRule } from '../rule.js';

/** What our batch script says of a node that cannot run the server of a checkout. */
export const CHECKOUT_RULES: readonly FailureRule[] = [
  {
    id: 'checkout-not-visible',
    jobLog: /^sandboxctl: node (\S+) sees no checkout of SandboxFusion at (.*)/,
    cause: 'node {1} sees no checkout of SandboxFusion at {2}',
    hint: 'put it on a file system that the nodes share, and name it with --checkout',
  },
  {
    id: 'checkout-without-environment',
    jobLog: /^sandboxctl: node (\S+) has no environment with uvicorn in it for (.*), looked at:/,
    cause: 'node {1} has no conda or poetry environment of the checkout {2}',
    hint: "'sandboxctl init --checkout {2}' prints the commands that make it; or name yours with --checkout-env",
  },
  {
    id: 'checkout-environment-outside-conda',
    jobLog: /^sandboxctl: node (\S+) cannot run Python with (.*): it lies in no conda/,
    cause: 'SandboxFusion cannot run Python from {2}: that environment lies in no conda',
    hint: "'sandboxctl init --checkout {checkout}' prints the commands that make one of conda's; or name another with --checkout-env",
  },
  {
    id: 'checkout-without-sandbox-runtime',
    jobLog: /^sandboxctl: node (\S+) has no conda environment sandbox-runtime in (.*), in which/,
    cause:
      "the checkout's conda in {2} has no environment sandbox-runtime, in which SandboxFusion runs Python",
    hint: "'sandboxctl init --checkout {checkout}' prints the commands that make it",
  },
  {
    id: 'checkout-lite-not-possible',
    jobLog: /^sandboxctl: node (\S+) cannot run SandboxFusion's isolation lite, it lacks: (.*)/,
    cause: "node {1} cannot run SandboxFusion's isolation lite, it lacks: {2}",
    hint: 'deploy with --runtime embedded, whose lite needs no root; or run programs with all that you may do: --isolation none',
  },
  {
    id: 'checkout-config-missing',
    jobLog: /^sandboxctl: node (\S+) finds no settings of a sandbox in (.*)/,
    cause: 'the config {2} of the checkout has no block sandbox, or is not there',
    hint: "take back what was changed in it, or name another of the checkout's with --env SANDBOX_CONFIG=NAME",
  },
  {
    id: 'checkout-not-writable',
    jobLog: /^sandboxctl: node (\S+) cannot write (.*)/,
    cause: 'the file {2}, which the checkout lacks, cannot be written on node {1}',
    hint: 'make {checkout} writable for you, or name a checkout of your own with --checkout',
  },
];
