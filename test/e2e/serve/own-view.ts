import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { follow } from '../../support/follow.js';

export interface OwnView {
  /** Words before a command: it sees the machine so. */
  words: string[];
  /** Where this process finds a path of the view. */
  path(inside: string): string;
  close(): Promise<void>;
}

/**
 * A view of this machine for the servers of a test: what is put into these folders of the system, others do not see.
 * Every server shows them, and would look at each change and hide what lies there.
 */
export async function ownView(folders: readonly string[]): Promise<OwnView> {
  const layers = await mkdtemp(join(tmpdir(), 'view-'));
  const script = `set -e
mount -t tmpfs none ${layers}
for folder in ${folders.join(' ')}; do
  mkdir -p ${layers}/upper$folder ${layers}/work$folder
  mount -t overlay -o lowerdir=$folder,upperdir=${layers}/upper$folder,workdir=${layers}/work$folder none $folder
done
echo ready
exec cat`;
  const words = ['--mount', '--propagation', 'private', 'sh', '-c', script];
  const holder = spawn('unshare', words, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  const { line, ended } = follow(holder);
  await line('ready', 'stdout');
  return {
    words: ['nsenter', `--target=${holder.pid}`, '--mount', '--'],
    path: (inside) => `/proc/${holder.pid}/root${inside}`,
    close: async () => {
      holder.stdin.end();
      await ended;
      await rm(layers, { recursive: true });
    },
  };
}
