import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../../endpoints/folder.js';
import { onlyTools } from '../../support/machine.js';

/** What the tools of a site say; every tool leaves a mark of each call. */
export interface Site {
  /** As sinfo prints them for facts: `node|address|partition|cpus|limit|availability|state|memory|gres|size`. */
  nodes: readonly string[];
  /** Partitions that this user may use. */
  open: readonly string[];
  /** More lines of `scontrol show config`. */
  config?: readonly string[];
  /** Lines of `srun --help`. */
  srun?: readonly string[];
  enroot?: boolean;
}

/** A folder to work in, and a PATH on which a site's tools are. */
export function site({ nodes, open, config = [], srun = [], enroot = false }: Site) {
  const root = folder();
  const bin = join(root, 'bin');
  const work = join(root, 'work');
  mkdirSync(bin);
  mkdirSync(work);
  const tool = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>'${root}/asked'\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const lines = (each: readonly string[]) => `cat <<'LINES'\n${each.join('\n')}\nLINES`;
  tool('squeue', '');
  tool('sinfo', `case "$*" in *%R) ${lines(open)}\n;; *) ${lines(nodes)}\n;; esac`);
  tool('scontrol', lines(['ClusterName = east', 'MaxArraySize = 1001', ...config]));
  tool('srun', lines(srun));
  if (enroot) tool('enroot', 'echo 4.1.2');
  onlyTools(bin, ['cat', 'python3', 'sh']);
  const env = { PATH: bin, HOME: root, SANDBOXCTL_STATE_DIR: join(root, 'state') };
  return { root, cwd: work, env };
}

const node = (name: string, partition: string, more: string) => `${name}|10.0.0.1|${partition}|${more}`;

/** GPUs in the default partition, a short one without, one that is closed and one for others. */
export const GPU_SITE: Site = {
  nodes: [
    node('gpu1', 'gpu*', '64|7-00:00:00|up|idle|1031000|gpu:h100:8(S:0-1)|1-infinite'),
    node('gpu2', 'gpu*', '64|7-00:00:00|up|mixed|1031000|gpu:h100:8(S:0-1)|1-infinite'),
    node('cpu1', 'debug', '96|30:00|up|idle|385000|(null)|1-infinite'),
    node('cpu1', 'cpuonly', '96|2-00:00:00|up|idle|385000|(null)|1-infinite'),
    node('cpu2', 'cpuonly', '96|2-00:00:00|up|down*|385000|(null)|1-infinite'),
    node('cpu3', 'cpuonly', '48|2-00:00:00|up|allocated|192000|(null)|1-infinite'),
    node('cpu3', 'large', '48|infinite|up|idle|192000|(null)|16-infinite'),
    node('cpu3', 'old', '48|infinite|drain|idle|192000|(null)|1-infinite'),
    node('cpu3', 'theirs', '48|infinite|up|idle|192000|(null)|1-infinite'),
  ],
  open: ['gpu', 'debug', 'cpuonly', 'large', 'old'],
  config: ['AccountingStorageEnforce = associations,limits,qos'],
  srun: ['      --container-image=[USER@][REGISTRY#]IMAGE[:TAG]|PATH'],
};
