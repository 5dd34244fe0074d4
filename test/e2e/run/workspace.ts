import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { cli, type Ended, ended } from '../../cli/run.js';
import { answering, finished, type TestServer } from '../../client/servers.js';
import { endpoint, fleet } from '../../endpoints/samples.js';

/** A folder with programs and a state folder, anew for each test, and what a user does there. */
export function workspace() {
  let folder = '';
  const open: TestServer[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandboxctl-run-'));
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
    await rm(folder, { recursive: true });
  });

  async function server(...args: Parameters<typeof answering>): Promise<TestServer> {
    const started = await answering(...args);
    open.push(started);
    return started;
  }

  const options = () => ({
    env: { PATH: process.env.PATH, HOME: folder, SANDBOXCTL_STATE_DIR: join(folder, 'state') },
    cwd: folder,
  });

  function started(args: string[]): ChildProcess {
    const [node = '', ...words] = cli('run', ...args);
    return spawn(node, words, options());
  }

  return {
    folder: () => folder,
    server,
    prints: (stdout: string, changes: Record<string, unknown> = {}) =>
      server((response) => void response.end(finished(stdout, changes))),
    /** Writes an endpoints file that names these servers. */
    async fleetOf(...servers: TestServer[]): Promise<void> {
      const place = join(folder, 'state/fleets/sandbox');
      await mkdir(place, { recursive: true });
      const endpoints = servers.map(({ url }, at) => endpoint(at, { url, expires_at: null }));
      await writeFile(join(place, 'endpoints.json'), JSON.stringify(fleet(endpoints)));
    },
    async program(name: string, text = ''): Promise<string> {
      await writeFile(join(folder, name), text);
      return name;
    },
    started,
    async run(args: string[], input = ''): Promise<Ended> {
      const child = started(args);
      child.stdin?.end(input);
      return ended(child);
    },
    /** Runs a line of bash in which `"$@"` is `sandboxctl run ARGS`. */
    shell(script: string, ...args: string[]): Promise<Ended> {
      const words = ['-c', script, 'bash', ...cli('run', ...args)];
      return ended(spawn('bash', words, { ...options(), stdio: ['ignore', 'pipe', 'pipe'] }));
    },
  };
}
