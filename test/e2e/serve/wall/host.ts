import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import { join } from 'node:path';
import { madeIn } from '../../../support/paths.js';
import type { Outside } from './attempt.js';

const INHERITED = readFileSync(new URL('./inherited.py', import.meta.url), 'utf8');

/** What the programs look for, and what they may not leave a trace in. */
export interface Host {
  outside: Omit<Outside, 'serverPort' | 'by' | 'counted'>;
  token: string;
  tokenFile: string;
  stateFolder: string;
  /** Words before a command: it gets what a careless caller leaves behind, such as descriptors of this folder. */
  careless: readonly string[];
  /** Who came to one of the sockets. */
  visitors(): string[];
  /** What appeared where nothing may. */
  appeared(): string[];
  close(): Promise<void>;
}

/** Places that every user may write to, and those of root. */
const EVERYWHERE = [
  '/',
  '/tmp',
  '/var/tmp',
  '/dev/shm',
  '/usr',
  '/usr/bin',
  '/etc',
  '/root',
  '/run',
  '/dev',
  '/opt',
];

/** Settings of the kernel and files of the machine that programs try to change, each with what it holds. */
export function machine(): Record<string, string> {
  const settings = [
    ...['core_pattern', 'hostname', 'domainname', 'modprobe'].map((name) => `/proc/sys/kernel/${name}`),
    ...['/proc/sys/net/ipv4/ip_forward', '/proc/sys/user/max_user_namespaces'],
  ];
  const files = ['/etc/passwd', '/etc/shadow', '/usr/bin/python3', '/bin/sh', '/bin/bash'];
  return Object.fromEntries([
    ...settings.filter((path) => existsSync(path)).map((path) => [path, readFileSync(path, 'utf8')]),
    ...files.map((path) => [path, described(path)]),
  ]);
}

function described(path: string): string {
  const { mode, size, uid, ino } = statSync(path);
  return `${mode} ${uid} ${size} ${ino}`;
}

/** Makes files with `secret` in them, readable for the server's user, and sockets that somebody listens at. */
export async function makeHost(secret: string, as: readonly string[]): Promise<Host> {
  const folder = mkdtempSync(madeIn('/home', 'wall'));
  chmodSync(folder, 0o755);
  const token = randomBytes(16).toString('hex');
  const secrets = ['.ssh/id_ed25519', '.netrc', 'state/fleets/sandbox/spec.json', 'notes.txt'].map((name) =>
    join(folder, name),
  );
  for (const path of secrets) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, secret, { mode: 0o644 });
  }
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token, { mode: as.length === 0 ? 0o600 : 0o644 });
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const log = join(folder, 'log');
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  const before = strays();
  const visitors: string[] = [];
  const socket = join(folder, 'socket');
  const abstractSocket = `sandboxctl-wall-${process.pid}`;
  const tcp = await listening({ port: 0, host: '127.0.0.1' }, () => visitors.push('tcp'));
  const servers = [
    tcp,
    await listening({ path: socket }, () => visitors.push('named socket')),
    await listening({ path: `\0${abstractSocket}` }, () => visitors.push('abstract socket')),
  ];
  chmodSync(socket, 0o777);
  const udp = createSocket('udp4', () => visitors.push('udp'));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  return {
    outside: {
      secretFiles: [...secrets, tokenFile],
      ...{ open, socket, abstractSocket },
      tcpPort: (tcp.address() as AddressInfo).port,
      udpPort: udp.address().port,
    },
    ...{ token, tokenFile },
    stateFolder: join(folder, 'state'),
    careless: ['python3', '-c', INHERITED, folder, join(folder, 'notes.txt'), log, secret],
    visitors: () => visitors,
    appeared: () => [
      ...readdirSync(open),
      ...strays().filter((path) => !before.includes(path)),
      ...(statSync(log).size > 0 ? [log] : []),
    ],
    close: async () => {
      udp.close();
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the programs try to leave, wherever it is. */
function strays(): string[] {
  const names = ['sandboxctl-wall', 'core', 'victim'];
  return EVERYWHERE.flatMap((place) => names.map((name) => join(place, name))).filter((path) =>
    existsSync(path),
  );
}

function listening(where: ListenOptions, visited: () => void): Promise<Server> {
  const server = createServer((connection) => {
    visited();
    connection.destroy();
  });
  return new Promise((resolve) => server.listen(where, () => resolve(server)));
}
