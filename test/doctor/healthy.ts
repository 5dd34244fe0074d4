import { clock } from '../../src/cli/clock.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/settings.js';
import { CHECKS } from '../../src/doctor/checks/index.js';
import { examine } from '../../src/doctor/examine.js';
import type { Facts } from '../../src/doctor/facts.js';
import { type MachineFacts, parseMachine } from '../../src/doctor/machine-facts.js';
import type { Finding } from '../../src/failures/finding.js';

/** As templates/doctor.sh prints it on a machine that has all there is. */
const PRINTED = `begin system
begin tools
begin folder state=/home/me/state
node login1
clock 1796042296.5
kernel 6.1.0
architecture x86_64
uid 2000
cpus 8
cpus_hardware 8
open_files 65536
end system
tool bash /usr/bin/bash
tool enroot /usr/bin/enroot
tool mksquashfs /usr/bin/mksquashfs
tool unsquashfs /usr/bin/unsquashfs
end tools
python 3.11.7
nodejs v20.20.2
program yes
pyxis yes
enroot 4.1.2
enroot_caps yes
enroot_data own tmpfs /run/enroot/data
switch /proc/sys/user/max_user_namespaces 96365
unshare on
bwrap on
seccomp yes
cgroup v2
ports_taken 8080
folder state there writable 78386240 16259186 nfs /home/me/state
end folder state=/home/me/state
folder images there writable 78386240 16259186 nfs /home/me/state/images
folder logs missing writable 78386240 16259186 nfs /home/me/logs
folder cache there writable 78386240 16259186 nfs /home/me/.cache/enroot
folder temp there writable 78386240 16259186 tmpfs /tmp
folder shm there writable 24469524 3085508 tmpfs /dev/shm
`;

/** What is said of a machine, with some lines of it replaced: by the words that a line begins with. */
export function machine(changed: Readonly<Record<string, string | null>> = {}): MachineFacts {
  const kept = PRINTED.split('\n').filter(
    (line) => !Object.keys(changed).some((key) => line.startsWith(`${key} `)),
  );
  const added = Object.entries(changed).flatMap(([key, value]) =>
    value === null ? [] : [`${key} ${value}`],
  );
  return parseMachine([...kept, ...added].join('\n'));
}

const AT = 1_796_042_300;

/** A node's answer; the keys of `changed` as for `machine`. */
export function node(changed: Parameters<typeof machine>[0] = {}, more: object = {}): Facts['node'] {
  const lines = {
    ...{
      node: 'node1',
      clock: String(AT),
      cpus_hardware: '96',
      image: 'yes',
      mark_written: 'yes',
      ports_taken: '',
    },
    ...{
      mark_seen: '0 .doctor-1',
      controller: '0 Slurmctld(primary) at login is UP',
      registry: 'answered 401 0.2',
    },
    reached: 'sandbox/0 40 200 abc\nreached sandbox/1 60 200 abc\nreached sandbox/gateway 30 200 abc',
    ...changed,
  };
  return {
    partition: 'cpuonly',
    asked: AT - 1,
    answered: AT + 1,
    facts: machine(lines),
    random: 'abc',
    back: 0.1,
    ...more,
  };
}

const { config } = await loadConfig({ flags: {}, env: {}, cwd: '/', home: '/home/me' });
export const NOW = Date.parse('2026-11-30T12:00:00Z');

const server = (instance: number) => ({
  ...{ fleet: 'sandbox', instance: String(instance), state: 'ready', reachable: true, reason: null },
  ...{ node: 'node1', url: `http://10.0.0.${instance + 1}:8080`, cpus: 96, latencyMs: 40 },
  expiresAt: '2026-12-03T12:00:00Z',
});

/** A login node of a cluster with pyxis, an image, and a fleet of two: nothing is wrong. */
export function healthy(settings: Partial<Config> = {}) {
  const nodeOf = (name: string, address: string) => ({
    ...{ name, address, partition: 'cpuonly', cpus: 96, memory: 385_000, gpus: 0, state: 'idle' },
  });
  return {
    setup: {
      config: { ...config, nodes: 2, ...settings },
      place: 'slurm',
      ...{
        noSlurm: null,
        named: null,
        known: ['sandbox'],
        like: null,
        unreadable: new Map<string, string>(),
      },
      stateFolder: '/home/me/state',
      program: '/home/me/sandboxctl.js',
    },
    proxies: new Map<string, string>(),
    here: machine(),
    server: null,
    checkout: null,
    slurm: {
      ...{ kind: 'answers', seconds: 0.01, host: 'login1', now: NOW, open: ['cpuonly'], pyxis: true },
      ...{ nodelist: [] as string[], exclude: [] as string[] },
      cluster: {
        nodes: [nodeOf('node1', '10.0.0.1'), nodeOf('node2', '10.0.0.2')],
        partitions: [
          {
            name: 'cpuonly',
            isDefault: true,
            timeLimit: null as number | null,
            availability: 'up',
            minNodes: 1,
          },
        ],
        ...{ maxArraySize: 1001, name: 'east', needsAccount: true },
      },
      policy: {
        ...{ version: '22.05.8', minJobAge: 300, requeuesJobs: true, preemption: 'OFF', accounting: true },
        partitions: [{ name: 'cpuonly', submitFrom: null as string[] | null, accounts: null }],
        reservations: [] as {
          name: string;
          maintenance: boolean;
          from: number;
          to: number;
          nodes: string[];
        }[],
        accounts: [{ account: 'research', submitted: null as number | null, running: null }],
      },
    },
    node: node(),
    image: {
      ...{ needed: true, name: 'a/b:1', path: '/home/me/state/images/a+b+1.sqsh', damage: null, there: true },
      ...{
        bytes: 2 ** 31,
        files: 50_000,
        contents: ['/usr/bin/python3.11', '/usr/bin/g++', '/root/sandbox/Makefile'],
      },
      makefile: 'run-online:\n\tuvicorn sandbox.server.server:app --host $(HOST) --port $(PORT)\n',
      record: { digest: 'sha256:aa', architecture: 'amd64', time: '2026-11-01T00:00:00Z' },
    },
    registry: {
      host: 'registry-1.docker.io',
      url: 'https://registry-1.docker.io',
      answer: { digest: 'sha256:aa', seconds: 0.2 },
    },
    fleets: [
      {
        ...{ fleet: 'sandbox', nodes: 2, runtime: 'pyxis', partition: 'cpuonly' },
        endpoints: [server(0), server(1)],
        gateway: { ...server(0), instance: 'gateway', url: 'http://10.0.0.1:8090' },
        keeper: { state: 'alive', where: ' (login1)', problem: null },
      },
    ],
  } satisfies Partial<Facts> as Healthy;
}

export type Healthy = Omit<Facts, 'fleets' | 'slurm'> & {
  slurm: Extract<Facts['slurm'], { kind: 'answers' }>;
  fleets: Exclude<Facts['fleets'], { failed: string }>;
};

/** What all checks come to by these facts, as doctor runs them. */
export async function examined(facts: Partial<Facts>) {
  const sources = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, { limitMs: 1_000, gather: async () => value }]),
  );
  return (await examine(CHECKS, sources, { sleep: clock.sleep, signal: new AbortController().signal }))
    .examined;
}

export async function findings(facts: Partial<Facts>): Promise<Finding[]> {
  return (await examined(facts)).flatMap(({ judgement }) =>
    judgement.state === 'found' ? judgement.findings : [],
  );
}
