import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { follow } from '../support/follow.js';
import type { Image } from './image/manifest.js';
import { ensurePackages, run } from './image/tools.js';
import { type Asked, type Auth, type Fault, startFront } from './registry-front.js';

export interface RegistryOptions {
  /** Who may pull; everybody by default. */
  auth?: Auth | undefined;
  /** What goes wrong, from the start; see also `fail`. */
  faults?: readonly Fault[];
}

export interface Registry {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `127.0.0.1:PORT` */
  host: string;
  /** Puts the image there under `name:tag`, without asking for credentials. */
  push(reference: string, image: Image): Promise<void>;
  /** Puts a manifest list under `name:tag`, its images by Debian's names of the architectures. */
  pushList(reference: string, images: Record<string, Image>): Promise<void>;
  /** What clients asked for so far, oldest first; pushes are left out. */
  requests(): Asked[];
  /** Replaces the faults. Only where `auth` or `faults` were given at the start. */
  fail(faults: readonly Fault[]): void;
  stop(): Promise<void>;
}

/** Debian's docker-registry on a free loopback port, plain http; with options, behind a front that adds them. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  await ensurePackages(['docker-registry', 'skopeo']);
  const storage = await mkdtemp(join(tmpdir(), 'sandboxctl-registry-'));
  const inner = await launch(storage);
  const wrapped = options.auth !== undefined || options.faults !== undefined;
  const front = wrapped ? await startFront(inner.host, options.auth, options.faults ?? []) : undefined;
  const host = front?.host ?? inner.host;
  return {
    url: `http://${host}`,
    host,
    push: (reference, image) => push(inner.host, reference, image),
    pushList: (reference, images) => pushList(inner.host, reference, images),
    requests: () => [...(front?.requests ?? inner.requests)],
    fail(faults) {
      if (!front) throw new Error('start the registry with `faults: []` to change them later');
      front.fail(faults);
    },
    async stop() {
      await front?.stop();
      await inner.stop();
      await rm(storage, { recursive: true, force: true });
    },
  };
}

interface Inner {
  host: string;
  requests: Asked[];
  stop(): Promise<void>;
}

async function launch(storage: string): Promise<Inner> {
  const config = join(storage, 'config.yml');
  const settings = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(storage, 'data') } },
    // Port 0: the kernel chooses, and the registry logs which.
    http: { addr: '127.0.0.1:0' },
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', 'docker-registry', 'serve', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const kill = () => {
    child.kill('SIGKILL');
    rmSync(storage, { recursive: true, force: true });
  };
  process.once('exit', kill);
  const requests: Asked[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const asked = parseAccess(line);
    if (asked) requests.push(asked);
  });
  return {
    host: await listening(child),
    requests,
    async stop() {
      process.off('exit', kill);
      const ended = new Promise((resolve) => child.once('close', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    },
  };
}

/** Apache's combined format; skopeo is only ever our own push. */
function parseAccess(line: string): Asked | undefined {
  const match = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) .*"([^"]*)"$/.exec(line);
  if (!match || match[4]?.startsWith('skopeo')) return undefined;
  return { method: match[1] ?? '', path: match[2] ?? '', status: Number(match[3]) };
}

async function listening(child: ChildProcess): Promise<string> {
  const line = await follow(child).line(/listening on 127\.0\.0\.1:\d+/);
  return line.replace(/.*listening on (127\.0\.0\.1:\d+).*/, '$1');
}

async function push(host: string, reference: string, image: Image): Promise<void> {
  const to = `docker://${host}/${reference}`;
  await run('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    '--format',
    'v2s2',
    '--dest-tls-verify=false',
    `dir:${image.folder}`,
    to,
  ]);
}

async function pushList(host: string, reference: string, images: Record<string, Image>): Promise<void> {
  const [name, tag] = reference.split(':');
  const type = 'application/vnd.docker.distribution.manifest.list.v2+json';
  const manifests: object[] = [];
  for (const [architecture, image] of Object.entries(images)) {
    await push(host, `${name}:for-${architecture}`, image);
    const answer = await fetch(`http://${host}/v2/${name}/manifests/${image.digest}`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json', 'user-agent': 'skopeo' },
    });
    const size = (await answer.arrayBuffer()).byteLength;
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    manifests.push({ mediaType, size, digest: image.digest, platform: { architecture, os: 'linux' } });
  }
  const put = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': type, 'user-agent': 'skopeo' },
    body: JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }),
  });
  if (!put.ok) throw new Error(`the registry refused the list: ${put.status} ${await put.text()}`);
}
