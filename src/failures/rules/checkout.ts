import type { FailureRule } from '../rule.js';

const CHECKOUT_FAILS = {
  severity: 'error',
  matters: 'jobs of the runtime checkout end as they start',
} as const;

/** Reported by id: `lack` in templates/runtimes/checkout.hbs. */
export const CHECKOUT_RULES: readonly FailureRule[] = [
  {
    id: 'checkout-not-visible',
    cause: 'node {node} sees no checkout of SandboxFusion at {path}',
    hint: 'put it on a file system that the nodes share, and name it with --checkout',
    doctor: CHECKOUT_FAILS,
  },
  {
    id: 'checkout-without-environment',
    cause: 'node {node} has no conda or poetry environment of the checkout {path}',
    hint: "'sandboxctl init --checkout {path}' prints the commands that make it; or name yours with --checkout-env",
    doctor: CHECKOUT_FAILS,
  },
  {
    id: 'checkout-environment-outside-conda',
    cause: 'SandboxFusion cannot run Python from {path}: that environment lies in no conda',
    hint: "'sandboxctl init --checkout {checkout}' prints the commands that make one of conda's; or name another with --checkout-env",
    doctor: CHECKOUT_FAILS,
  },
  {
    id: 'checkout-without-sandbox-runtime',
    cause:
      "the checkout's conda in {path} has no environment sandbox-runtime, in which SandboxFusion runs Python",
    hint: "'sandboxctl init --checkout {checkout}' prints the commands that make it",
    doctor: CHECKOUT_FAILS,
  },
  {
    id: 'checkout-lite-not-possible',
    cause: "node {node} cannot run SandboxFusion's isolation lite, it lacks: {missing}",
    hint: 'deploy with --runtime embedded, whose lite needs no root; or run programs with all that you may do: --isolation none',
    doctor: CHECKOUT_FAILS,
  },
  {
    id: 'checkout-config-missing',
    cause: 'the config {path} of the checkout has no block sandbox, or is not there',
    hint: "take back what was changed in it, or name another of the checkout's with --env SANDBOX_CONFIG=NAME",
  },
  {
    id: 'checkout-not-writable',
    cause: 'the file {path}, which the checkout lacks, cannot be written on node {node}',
    hint: 'make {checkout} writable for you, or name a checkout of your own with --checkout',
  },
];
