import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { madeIn } from '../../support/paths.js';

const TOOLS = ['sbatch', 'squeue', 'scancel', 'scontrol', 'sinfo', 'sacct'] as const;
export type Tool = (typeof TOOLS)[number] | 'srun';

/** Slurm's tools of the login side, behind scripts that count calls and misbehave on demand. */
export interface Wrappers {
  /** For the lab's loginPath. */
  folder: string;
  /**
   * What a tool does instead, as lines of bash: `$REAL` is the tool itself, `$CALL` the number of this
   * call since the fault was set, from 1. A script that does not exit runs the tool after all. With a
   * fleet, only calls that name it meet the fault: its jobs' name, or a script of its folder.
   */
  fault(tool: Tool, script: string, fleet?: string): Promise<void>;
  mend(tool: Tool, fleet?: string): Promise<void>;
  /** Calls of each tool since the last `forget`, with their times in seconds since the epoch. */
  calls(): Promise<{ tool: Tool; at: number; argv: string }[]>;
  forget(): Promise<void>;
  remove(): Promise<void>;
}

/** `more`: tools to count beside those that every deploy may call. */
export async function wrapTools(more: readonly Tool[] = []): Promise<Wrappers> {
  // Not in /tmp or /var/tmp, which the nodes have to themselves; open to the cluster's users.
  const folder = await mkdtemp(madeIn('/var/lib', 'wrappers'));
  await chmod(folder, 0o777);
  const log = join(folder, 'calls');
  for (const tool of [...TOOLS, ...more]) {
    const lines = [
      '#!/bin/bash',
      `echo "$(date +%s.%N) ${tool} $*" >>${log}`,
      `REAL=/usr/bin/${tool}`,
      `for FAULT in ${folder}/${tool}@*.fault; do`,
      `  FLEET=\${FAULT##*@} FLEET=\${FLEET%.fault}`,
      '  [[ -f $FAULT ]] || continue',
      '  [[ -z $FLEET || "$* " == *"sandboxctl-$FLEET "* || "$*" == *"/fleets/$FLEET/"* ]] || continue',
      '  echo >>"$FAULT.count"',
      '  CALL=$(wc -l <"$FAULT.count")',
      '  source "$FAULT"',
      'done',
      'exec "$REAL" "$@"',
    ];
    await writeFile(join(folder, tool), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
  const forget = async () => {
    await writeFile(log, '');
    await chmod(log, 0o666);
  };
  await forget();
  const faultFile = (tool: Tool, fleet: string) => join(folder, `${tool}@${fleet}.fault`);
  const mend = async (tool: Tool, fleet = '') => {
    await rm(faultFile(tool, fleet), { force: true });
    await rm(`${faultFile(tool, fleet)}.count`, { force: true });
  };
  return {
    folder,
    async fault(tool, script, fleet = '') {
      await mend(tool, fleet);
      await writeFile(faultFile(tool, fleet), `${script}\n`);
    },
    mend,
    async calls() {
      const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const [at, tool, ...argv] = line.split(' ');
        return { tool: tool as Tool, at: Number(at), argv: argv.join(' ') };
      });
    },
    forget,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
