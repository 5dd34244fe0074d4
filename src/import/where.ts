import { SandboxctlError } from '../errors.js';
import { enrootMissing } from '../failures/import/index.js';
import { findOnPath } from '../process/on-path.js';
import type { Run } from '../process/run.js';

export interface EnrootHere {
  version: string;
  major: number;
}

const VERSION_TIMEOUT_MS = 10_000;

/** Whether enroot works on this machine; null if it is missing, broken, or lacks mksquashfs. */
export async function enrootHere(
  run: Run,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<EnrootHere | null> {
  if (!(await findOnPath('enroot', env)) || !(await findOnPath('mksquashfs', env))) return null;
  const answer = await run(['enroot', 'version'], { env, timeoutMs: VERSION_TIMEOUT_MS, signal });
  const version = answer.stdout.trim();
  const major = Number.parseInt(version, 10);
  return answer.code === 0 && Number.isInteger(major) ? { version, major } : null;
}

/** `auto`: here if enroot works here, else a job. Throws kind `tool` if neither works. */
export async function chooseWhere(
  on: 'auto' | 'here' | 'job',
  enroot: EnrootHere | null,
  env: NodeJS.ProcessEnv,
): Promise<'here' | 'job'> {
  if (on === 'here' || (on === 'auto' && enroot !== null)) {
    if (enroot === null) throw enrootMissing(undefined);
    return 'here';
  }
  if (await findOnPath('srun', env)) return 'job';
  throw new SandboxctlError('tool', {
    what:
      on === 'job'
        ? 'srun was not found, so no job can import'
        : 'this machine has neither enroot for an import here nor srun for an import in a job',
    detail: 'command not found: srun',
    hint: "run 'sandboxctl import-image' on a login node of the cluster, or install enroot",
  });
}
