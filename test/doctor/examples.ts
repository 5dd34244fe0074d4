import type { Facts } from '../../src/doctor/facts.js';
import { healthy, machine, NOW, node } from './healthy.js';

type Row = readonly [rule: string, facts: () => Partial<Facts>];

const { node: _node, ...WITHOUT_NODE } = healthy();

const local = (here: Parameters<typeof machine>[0] = {}, settings = {}): Partial<Facts> => ({
  ...WITHOUT_NODE,
  setup: { ...healthy(settings).setup, place: 'local' },
  slurm: { kind: 'none', why: 'no Slurm' },
  image: null,
  registry: null,
  here: machine(here),
});

const SERVER = {
  ...{ by: 'bwrap', filtered: true, cgroup: 2, languages: ['python', 'bash'], seconds: 0.5, canary: null },
};
const serving = (changed: object): Partial<Facts> => ({
  ...local(),
  server: ('refused' in changed ? changed : { ...SERVER, ...changed }) as Facts['server'],
});

const here = (changed: Parameters<typeof machine>[0]): Partial<Facts> => ({
  ...healthy(),
  here: machine(changed),
});

function slurm(change: (facts: ReturnType<typeof healthy>['slurm']) => void, settings = {}): Partial<Facts> {
  const facts = healthy(settings);
  change(facts.slurm);
  return facts;
}

const partition = (changed: object, settings = {}) =>
  slurm((facts) => {
    facts.cluster.partitions = facts.cluster.partitions.map((each) => ({ ...each, ...changed }));
  }, settings);

const image = (changed: object): Partial<Facts> => ({
  ...healthy(),
  image: { ...healthy().image, ...changed } as Facts['image'],
});

const CHECKOUT = {
  ...{ folder: '/home/me/SandboxFusion', state: 'checkout', docsBuild: true, conda: '/home/me/miniforge3' },
  ...{ condaIsOurs: true, poetry: null, serverSeesConda: true, missingTools: [] },
  server: { folder: '/home/me/miniforge3/envs/sandbox', python: '3.11', activeOnly: false },
  runtime: '/home/me/miniforge3/envs/sandbox-runtime/bin/python',
  makefile: 'HOST ?= localhost\nrun:\n\tuvicorn app --host $(HOST)\n',
};

function checkout(changed: object): Partial<Facts> {
  const facts = local({}, { runtime: 'checkout' });
  return { ...facts, checkout: { ...CHECKOUT, ...changed } as Facts['checkout'] };
}

function fleet(changed: object): Partial<Facts> {
  const facts = healthy();
  const [first] = facts.fleets;
  if (first === undefined) throw new Error('no fleet');
  const [one, ...others] = first.endpoints;
  return {
    ...facts,
    fleets: [{ ...first, endpoints: [{ ...(one as object), ...changed } as never, ...others] }],
  };
}

/** For each failure rule that a check finds: facts that are healthy but for one thing. */
export const EXAMPLES: readonly Row[] = [
  ['file-system-hangs', () => here({ 'folder images': null, 'begin folder': 'images=/shared/images' })],
  ['folder-not-writable', () => here({ 'folder temp': 'there writable 0 0 proc /proc' })],
  ['folder-not-writable', () => here({ 'folder state': 'there no 78386240 16259186 nfs /home/me/state' })],
  [
    'log-folder-not-writable',
    () => here({ 'folder logs': 'missing no 78386240 16259186 nfs /home/me/logs' }),
  ],
  ['import-no-space', () => here({ 'folder logs': 'missing writable 12 16259186 nfs /home/me/logs' })],
  ['disk-nearly-full', () => here({ 'folder temp': 'there writable 900000 16259186 ext2/ext3 /tmp' })],
  ['inodes-nearly-used-up', () => here({ 'folder state': 'there writable 78386240 12 nfs /home/me/state' })],
  ['few-open-files', () => here({ open_files: '1024' })],
  ['import-enroot-capabilities', () => here({ enroot_caps: 'no' })],
  ['shm-small', () => local({ 'folder shm': 'there writable 1024 100 tmpfs /dev/shm' })],
  ['no-python', () => serving({ languages: ['bash'] })],
  ['isolation-not-possible', () => serving({ refused: 'bwrap: No permissions', seccompOnly: false })],
  ['seccomp-filter-refused', () => serving({ refused: 'no filter for s390x', seccompOnly: true })],
  ['program-not-run', () => serving({ canary: 'the canary printed ""' })],
  ['no-seccomp-filter', () => serving({ filtered: false })],
  [
    'no-free-port',
    () =>
      local(
        { ports_taken: `9000 ${Array.from({ length: 21 }, (_, at) => 8080 + at).join(' ')}` },
        { port: 9000, portRange: { first: 8080, last: 8100 } },
      ),
  ],
  [
    'proxy-catches-servers',
    () => ({
      ...healthy(),
      proxies: new Map([
        ['http_proxy', 'http://proxy:3128'],
        ['no_proxy', 'localhost,10.0.0.1'],
      ]),
    }),
  ],
  [
    'slurm-unreachable',
    () => ({ ...healthy(), slurm: { kind: 'silent', words: 'Unable to contact' }, image: null }),
  ],
  ['partition-unknown', () => slurm(() => undefined, { partition: 'nosuch' })],
  ['partition-not-named', () => partition({ isDefault: false })],
  ['partition-closed', () => partition({ availability: 'drain' })],
  ['partition-down', () => partition({ availability: 'down' })],
  ['partition-not-for-you', () => slurm((facts) => (facts.open = ['gpu']))],
  ['partition-for-large-jobs', () => partition({ minNodes: 4 })],
  ['partition-short', () => partition({ timeLimit: 3600 })],
  [
    'no-node-up',
    () =>
      slurm((facts) => {
        for (const node of facts.cluster.nodes) node.state = 'down*';
      }),
  ],
  ['nodes-too-few', () => slurm(() => undefined, { nodes: 4 })],
  ['node-unknown', () => slurm((facts) => (facts.nodelist = ['node7']))],
  ['cpus-too-few', () => slurm(() => undefined, { cpusPerTask: 128 })],
  ['time-too-long', () => partition({ timeLimit: 2 * 86_400 }, { time: '4-00:00:00' })],
  [
    'submit-host-not-allowed',
    () =>
      slurm(
        (facts) => {
          for (const each of facts.policy.partitions) each.submitFrom = ['login2'];
        },
        {
          partition: 'cpuonly',
        },
      ),
  ],
  ['sbatch-account', () => slurm(() => undefined, { account: 'physics' })],
  [
    'sbatch-limit',
    () => slurm((facts) => (facts.policy.accounts = [{ account: 'research', submitted: 1, running: null }])),
  ],
  [
    'jobs-forgotten-soon',
    () => slurm((facts) => Object.assign(facts.policy, { minJobAge: 2, accounting: false })),
  ],
  ['jobs-can-be-suspended', () => slurm((facts) => (facts.policy.preemption = 'GANG,SUSPEND'))],
  [
    'maintenance-ahead',
    () =>
      slurm((facts) =>
        facts.policy.reservations.push({
          name: 'root_1',
          maintenance: true,
          from: NOW + 86_400_000,
          to: NOW + 90_000_000,
          nodes: ['node2'],
        }),
      ),
  ],
  ['no-pyxis', () => ({ ...slurm((facts) => (facts.pyxis = false), { runtime: 'pyxis' }) })],
  [
    'image-unusable',
    () => image({ damage: { reason: 'there is no such file', words: '' }, there: false, files: null }),
  ],
  ['image-without-python', () => image({ contents: ['/usr/bin/perl', '/root/sandbox/Makefile'] })],
  ['image-without-server', () => image({ contents: ['/usr/bin/python3.11'], makefile: null })],
  ['listens-on-loopback', () => image({ makefile: 'run:\n\tuvicorn app --host localhost --port 8080\n' })],
  ['listens-on-loopback', () => fleet({ reachable: false, reason: 'connect ECONNREFUSED 10.0.0.1:8080' })],
  ['checkout-not-visible', () => checkout({ state: 'absent' })],
  ['checkout-without-environment', () => checkout({ server: null })],
  ['checkout-environment-outside-conda', () => checkout({ serverSeesConda: false })],
  ['checkout-without-sandbox-runtime', () => checkout({ runtime: null })],
  [
    'listens-on-loopback',
    () => checkout({ makefile: 'HOST = 127.0.0.1\nrun:\n\tuvicorn app --host $(HOST)\n' }),
  ],
  [
    'image-out-of-date',
    () => ({
      ...healthy(),
      registry: { host: 'r', url: 'https://r', answer: { digest: 'sha256:bb', seconds: 1 } },
    }),
  ],
  [
    'registry-not-reached',
    () => ({
      ...healthy(),
      registry: { host: 'r', url: 'https://r', answer: { words: 'ENOTFOUND', hint: '' } },
    }),
  ],
  ['server-not-ready', () => fleet({ state: 'unhealthy', reason: 'its own canary fails', latencyMs: null })],
  [
    'server-not-reached',
    () => fleet({ reachable: false, reason: 'no answer to the connection', latencyMs: null }),
  ],
  ['server-slow', () => fleet({ latencyMs: 9_000 })],
  ['fleet-ends-soon', () => fleet({ expiresAt: new Date(NOW + 600_000).toISOString() })],
  [
    'fleet-spec-unreadable',
    () => {
      const facts = healthy();
      const unreadable = new Map([['train', '/home/me/state/fleets/train/spec.json']]);
      return { ...facts, setup: { ...facts.setup, unreadable } };
    },
  ],
  ['keeper-dead', () => kept({ state: 'dead' })],
  ['keeper-failing', () => kept({ problem: 'sbatch: error: Batch job submission failed' })],
  [
    'node-not-had',
    () => ({ ...healthy(), node: { failed: 'no node was free within 60 s', partition: 'cpuonly' } }),
  ],
  [
    'no-runtime',
    () => onNode({ pyxis: null, enroot: null, unshare: 'off x', bwrap: null }, {}, { pyxis: false }),
  ],
  ['no-enroot', () => onNode({ enroot: null, enroot_data: null })],
  ['no-nodejs', () => onNode({ nodejs: null }, {}, {}, { runtime: 'embedded' })],
  ['sandboxctl-not-visible', () => onNode({ program: null }, {}, {}, { runtime: 'embedded' })],
  ['no-user-namespaces', () => onNode({ unshare: 'off unshare failed', bwrap: 'off No permissions' })],
  ['container-folder-shared', () => onNode({ enroot_data: 'shared nfs /home/me/.local/share/enroot' })],
  ['state-folder-not-visible', () => onNode({ mark_seen: null })],
  ['state-folder-stale', () => onNode({}, { back: 31 })],
  [
    'folder-not-seen',
    () => ({
      ...onNode({}),
      here: machine({ 'folder logs': 'there writable 78386240 16259186 nfs /home/me/logs' }),
    }),
  ],
  ['image-not-found', () => onNode({ image: 'no' })],
  ['other-architecture', () => onNode({ architecture: 'aarch64' })],
  ['cpus-overstated', () => onNode({ cpus_hardware: '2' })],
  ['workers-too-many', () => onNode({}, {}, {}, { workers: 100 })],
  ['clocks-differ', () => onNode({ clock: '1796042000' })],
  ['node-cannot-ask-slurm', () => onNode({ controller: '1 Unable to contact slurm controller' })],
  [
    'server-not-reached-from',
    () => onNode({ reached: 'sandbox/0 40 200 abc\nreached sandbox/gateway 40 200 abc' }),
  ],
  [
    'server-not-reached-from',
    () =>
      onNode({ reached: 'sandbox/0 40 200 abc\nreached sandbox/1 40 200 \nreached sandbox/gateway 4 401 ' }),
  ],
  [
    'checkout-not-visible',
    () => onNode({ checkout: 'no' }, {}, {}, { runtime: 'checkout', checkout: '/co', isolation: 'none' }),
  ],
  [
    'checkout-lite-not-possible',
    () => onNode({ checkout: 'yes' }, {}, {}, { runtime: 'checkout', checkout: '/co' }),
  ],
];

function onNode(
  changed: Parameters<typeof node>[0],
  more = {},
  slurmChanged = {},
  settings = {},
): Partial<Facts> {
  const facts = healthy(settings);
  const { runtime } = facts.setup.config;
  const embedded = runtime === 'embedded' || runtime === 'checkout' ? { image: null, registry: null } : {};
  return { ...facts, ...embedded, slurm: { ...facts.slurm, ...slurmChanged }, node: node(changed, more) };
}

function kept(changed: object): Partial<Facts> {
  const facts = healthy();
  const keeper = { state: 'alive', where: ' (login1)', problem: null, ...changed };
  return { ...facts, fleets: facts.fleets.map((each) => ({ ...each, keeper }) as never) };
}
