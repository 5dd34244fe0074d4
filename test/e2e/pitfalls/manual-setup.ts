import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/types.js';
import { madeIn } from '../../support/paths.js';
import { until } from '../../support/until.js';

export { until };

/** The guide's own run_server.sbatch, with its gaps filled in. */
export function guideScript(options: { node: string; image: string; cpus: number }): string {
  return `#!/bin/bash
#SBATCH --job-name=sandbox_server
#SBATCH --output=logs/sandbox-%j.log
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=${options.cpus}
#SBATCH --partition=cpuonly
#SBATCH --nodelist=${options.node}
#SBATCH --time=4-00:00:00
#SBATCH --exclusive

srun --container-image=${options.image}  \\
    --container-name=sandbox-server \\
    --export=ALL,HOST=0.0.0.0,PORT=8080 \\
    bash -c "make run-online"
`;
}

/** Submits a script from a folder as the first user; the job's id. */
export async function submit(cluster: Cluster, script: string, cwd: string): Promise<string> {
  const told = await cluster.run(['sbatch', '--parsable'], { cwd, input: script });
  if (told.code !== 0) throw new Error(told.stderr);
  return told.stdout.trim();
}

/** `STATE REASON` of a job as squeue tells it. */
export async function stateOf(cluster: Cluster, job: string): Promise<string> {
  const told = await cluster.run(['squeue', '-h', '-t', 'all', '-j', job, '-o', '%T %r']);
  return told.stdout.trim();
}

/** Ends jobs and waits until their nodes are free again. */
export async function cancel(cluster: Cluster, ...jobs: string[]): Promise<void> {
  await cluster.run(['scancel', ...jobs]);
  await until('the end of the jobs', async () => {
    const left = await cluster.run(['squeue', '-h', '-o', '%i']);
    return !left.stdout.split('\n').some((id) => jobs.includes(id.trim().split('_')[0] ?? ''));
  });
}

/** A folder for PATH with one program in it; every user and every node sees it. */
export async function binWith(name: string, text: string): Promise<string> {
  // Not /tmp or /var/tmp, which each node has of its own.
  const folder = await mkdtemp(madeIn('/var/lib', 'bin'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, name), text, { mode: 0o755 });
  return folder;
}

/** In it `unsquashfs` takes some seconds longer, as it does for an image of gigabytes. */
export function slowUnpacking(seconds: number): Promise<string> {
  return binWith(
    'unsquashfs',
    `#!/bin/sh\ncase " $* " in *" -d "*) sleep ${seconds};; esac\nexec /usr/bin/unsquashfs "$@"\n`,
  );
}
