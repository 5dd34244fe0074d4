import { newFacts } from '../failures/import/facts.js';
import { explainFailure } from '../failures/import/index.js';
import type { Run } from '../process/run.js';
import { kernelArchitecture } from '../registry/architecture.js';
import type { ImageReference } from '../registry/reference.js';
import { enrootUri, type ImageSource } from '../registry/source.js';
import type { EnrootHere } from './where.js';

/** Milliseconds for `enroot digest`: three small requests, each with its retries. */
const DIGEST_TIMEOUT_MS = 60_000;

export interface DigestOptions {
  run: Run;
  env: NodeJS.ProcessEnv;
  enroot: EnrootHere | null;
  architecture: string;
  login: { user: string; password: string | null } | null;
  signal?: AbortSignal;
}

/**
 * By enroot, which knows proxies and credentials; before its version 4 from the registry directly. Throws kind `tool`
 * if the registry cannot be reached, other kinds if it refuses.
 */
export async function currentDigest(
  reference: ImageReference,
  source: ImageSource,
  options: DigestOptions,
): Promise<string> {
  const { run, env, enroot, architecture, signal } = options;
  if (enroot === null || enroot.major < 4) {
    const { askRegistry } = await import('../registry/client.js');
    return (await askRegistry(source, options)).digest;
  }
  const argv = ['enroot', 'digest', '-a', kernelArchitecture(architecture), enrootUri(source)];
  const answer = await run(argv, { env, timeoutMs: DIGEST_TIMEOUT_MS, signal });
  signal?.throwIfAborted();
  const digest = /^sha256:[0-9a-f]{64}$/m.exec(answer.stdout)?.[0];
  if (answer.code === 0 && digest !== undefined) return digest;
  const lines = answer.stderr.split('\n').filter((line) => line !== '');
  // enroot 4.1.2 ends without a message here.
  if (/^\[INFO\] (?:Permission granted|Authentication succeeded)/.test(lines.at(-1) ?? '')) {
    lines.push(`${source.host} answered without a digest`);
  }
  if (answer.timedOut) lines.push('curl: (28) enroot digest took longer than 60 s');
  throw explainFailure(
    { code: answer.code, signal: answer.signal, lines, facts: newFacts() },
    { image: reference.familiar, host: source.host, target: '' },
  );
}
