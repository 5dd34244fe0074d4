import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Started, started } from './started.js';

/** What stands between client and servers, one at a time. */
export interface Front {
  name: string;
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const CLI = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));
/** What parses requests here needs no more than nobody may. */
const NOBODY = 65_534;

/** nginx, one worker, as every peer of this project puts it in front. */
export function nginx(upstreams: readonly string[]): Promise<Front> {
  return configured('nginx', 'nginx.conf', nginxConf(upstreams), nginxArgv);
}

/** haproxy, one thread; `cap` runs at once on each server, the others wait in its queue. */
export function haproxy(upstreams: readonly string[], cap?: number): Promise<Front> {
  const name = cap === undefined ? 'haproxy' : `haproxy maxconn ${cap}`;
  return configured(name, 'haproxy.cfg', haproxyConf(upstreams, cap), (file) => [
    ...['/usr/sbin/haproxy', '-db', '-q', '-f', file],
  ]);
}

/** The gateway before bare URLs, with so many runs at once on each. */
export async function gateway(upstreams: readonly string[], flags: readonly string[] = []): Promise<Front> {
  const port = await freePort();
  const endpoints = upstreams.flatMap((url) => ['--endpoint', url]);
  const argv = [process.execPath, CLI, 'gateway', '--listen', `127.0.0.1:${port}`, ...endpoints, ...flags];
  return front(['gateway', ...flags].join(' '), port, await started(argv, port));
}

/** Starts all, one after another, and stops them whatever becomes of the work. */
export async function withFronts<T>(
  ways: readonly (() => Promise<Front>)[],
  work: (fronts: readonly Front[]) => Promise<T>,
): Promise<T> {
  const fronts: Front[] = [];
  try {
    for (const way of ways) fronts.push(await way());
    return await work(fronts);
  } finally {
    for (const front of fronts) await front.stop();
  }
}

export const nginxArgv = (file: string, folder: string): string[] => [
  ...['/usr/sbin/nginx', '-c', file, '-p', folder, '-e', 'stderr'],
];

/** Starts what is run from a configuration file, as nobody and in a folder of its own. */
export async function configured(
  name: string,
  file: string,
  conf: (port: number) => string,
  argv: (path: string, folder: string) => readonly string[],
): Promise<Front> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-bench-'));
  if (process.getuid?.() === 0) await chown(folder, NOBODY, NOBODY);
  const path = join(folder, file);
  await writeFile(path, conf(port), { mode: 0o644 });
  const removed = () => rm(folder, { recursive: true, force: true });
  try {
    const running = await started(argv(path, folder), port, NOBODY);
    return front(name, port, { ...running, stop: () => running.stop().then(removed) });
  } catch (error) {
    await removed();
    throw error;
  }
}

export function front(name: string, port: number, { pid, stop }: Started): Front {
  return { name, url: `http://127.0.0.1:${port}`, pid, stop };
}

const authority = (url: string) => url.replace('http://', '');

/** What every nginx of a benchmark has: one process, its files in its own folder. */
export const nginxHttp = (http: string) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 1000000;
${http}
}
`;

const nginxConf = (upstreams: readonly string[]) => (port: number) =>
  nginxHttp(`  upstream servers {
    least_conn;
    ${upstreams.map((url) => `server ${authority(url)};`).join(' ')}
    keepalive 128;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 120s;
    }
  }`);

const haproxyConf = (upstreams: readonly string[], cap: number | undefined) => (port: number) =>
  `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
  timeout queue 120s
  http-reuse always
frontend clients
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  balance leastconn
${upstreams.map((url, index) => `  server s${index} ${authority(url)}${cap === undefined ? '' : ` maxconn ${cap}`}`).join('\n')}
`;
