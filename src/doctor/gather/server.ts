import { probe } from '../../control/probe.js';
import { SandboxctlError } from '../../errors.js';
import type { ServerFacts } from '../facts.js';

interface Asked {
  isolation: 'lite' | 'none';
  isolationAsked: boolean;
  env: NodeJS.ProcessEnv;
  /** Milliseconds of a clock that only goes forward. */
  elapsed(): number;
}

const MIB = 2 ** 20;

/** Starts the embedded server on a free port of loopback, runs a program on it, and stops it again. */
export async function serverFacts({ isolation, isolationAsked, env, elapsed }: Asked): Promise<ServerFacts> {
  const { serve } = await import('../../sandbox/serve.js');
  const begun = elapsed();
  try {
    const { plan, sandbox, url, close } = await serve({
      ...{ host: '127.0.0.1', port: 0, isolation, isolationAsked, network: false, maxConcurrency: 1 },
      ...{ maxMemory: 256 * MIB, tmpSize: 16 * MIB, outputCap: MIB, token: null, hosts: null, secret: null },
      ...{
        warm: 'off',
        preload: [],
        nonce: null,
        own: [],
        env,
        log: () => undefined,
        onFull: () => undefined,
        warn: () => undefined,
      },
    });
    const canary = await probe(url, null).finally(() => close(0));
    return {
      by: plan.isolation === 'lite' ? plan.by : 'none',
      filtered: plan.isolation === 'none' || plan.filtered,
      cgroup: plan.cgroup?.version ?? null,
      languages: sandbox.languages,
      seconds: (elapsed() - begun) / 1000,
      canary: canary.ok ? null : canary.reason,
    };
  } catch (error) {
    if (!(error instanceof SandboxctlError)) throw error;
    return { refused: error.detail ?? error.message, seccompOnly: /seccomp/.test(error.message) };
  }
}
