import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { answerTo } from '../../gateway/stubs/upstream.js';
import { configured, type Front, front, nginxArgv, nginxHttp } from './fronts.js';
import { freePort, started } from './started.js';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * A server that costs next to nothing: nginx answers wrk's program, known by its length, with a constant, and
 * has all else, canaries that is, answered by one that reads them.
 */
export async function constantServer(): Promise<Front> {
  const reader = await nodeServer('bare.ts');
  const length = /wrk\.body = '(.*)'/
    .exec(await readFile(path('post.lua'), 'utf8'))?.[1]
    ?.replaceAll('\\\\', '\\').length;
  const conf = (port: number) =>
    nginxHttp(`  default_type application/json;
  server {
    listen 127.0.0.1:${port};
    location / {
      if ($content_length = ${length}) { return 200 '${answerTo('print("hello")').replaceAll('\\', '\\\\')}'; }
      proxy_pass ${reader.url};
    }
  }`);
  const server = await configured('constant', 'nginx.conf', conf, nginxArgv);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await reader.stop();
    },
  };
}

/** Answers each program so many milliseconds later. */
export const delayedServer = (ms: number) => nodeServer('bare.ts', String(ms));

/** Begins every run at once, on so many CPUs that all share. */
export const sharedCpuServer = (cpus: number) => nodeServer('shared-cpu.ts', String(cpus));

/** One of the servers in this folder, as a process of its own. */
export async function nodeServer(name: string, ...args: readonly string[]): Promise<Front> {
  const port = await freePort();
  const argv = [process.execPath, '--import', 'tsx', path(name), String(port), ...args];
  return front(name, port, await started(argv, port));
}
