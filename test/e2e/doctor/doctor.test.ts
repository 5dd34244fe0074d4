import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashQuote } from '../../../src/text/quote.js';
import type { RunOptions } from '../../cluster/types.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { inParts } from '../../support/parts.js';
import { asRoot, deploy, stop } from '../deploy/user.js';

interface Row {
  /** The failure rule that is found, and nothing beside it. */
  finds: string;
  argv?: readonly string[];
  env?: Record<string, string>;
  breaks?: (lab: Lab) => Promise<unknown>;
  mends?: (lab: Lab) => Promise<unknown>;
}

/** A path that only the login node sees: each node has a /tmp of its own. */
const ofLogin = (name: string) => join(tmpdir(), `${name}-of-login`);
const onNode = (command: string) => (lab: Lab) => asRoot(lab, 'node1', command);
const asAdmin = (command: string) => (lab: Lab) => asRoot(lab, 'login', command);
const configured = (change: string) => (lab: Lab) =>
  asRoot(lab, 'login', `sed -i '${change}' "$(readlink -f "$SLURM_CONF")" && scontrol reconfigure`);
/** On node1 alone, where programs of the node are others then: `false`, or a script. */
const replaced = (path: string, script = 'exit 1') =>
  onNode(`printf '#!/bin/bash\\n%s\\n' ${bashQuote(script)} >/run/other && chmod 755 /run/other &&
    for each in ${path}; do mount --bind /run/other "$(readlink -f "$each")"; done`);
const putBack = (path: string) => onNode(`for each in ${path}; do umount "$(readlink -f "$each")"; done`);
const BWRAP = '/usr/bin/bwrap /usr/bin/unshare';
const EMBEDDED = ['--runtime', 'embedded'];
const JOB = ['--on', 'job'];

/** What is broken here and with Slurm. */
const HERE: readonly Row[] = [
  {
    finds: 'image-unusable',
    argv: ['--image', ofLogin('cut.sqsh')],
    breaks: async (lab) => {
      await copyFile(lab.image, ofLogin('cut.sqsh'));
      await truncate(ofLogin('cut.sqsh'), 100_000);
    },
  },
  { finds: 'partition-unknown', argv: ['--partition', 'nosuch'] },
  { finds: 'partition-down', argv: ['--partition', 'down'] },
  { finds: 'partition-short', argv: ['--partition', 'short'] },
  { finds: 'time-too-long', argv: ['--partition', 'short', '--time', '4-00:00:00'] },
  { finds: 'nodes-too-few', argv: ['--nodes', '9'] },
  {
    finds: 'partition-closed',
    argv: ['--partition', 'short'],
    breaks: asAdmin('scontrol update PartitionName=short State=DRAIN'),
    mends: asAdmin('scontrol update PartitionName=short State=UP'),
  },
  {
    finds: 'submit-host-not-allowed',
    argv: ['--partition', 'cpuonly'],
    breaks: asAdmin('scontrol update PartitionName=cpuonly AllocNodes=node1'),
    mends: asAdmin('scontrol update PartitionName=cpuonly AllocNodes=ALL'),
  },
  {
    finds: 'maintenance-ahead',
    breaks: asAdmin(
      'scontrol create reservation ReservationName=works StartTime=now+2days Duration=60 Nodes=node1 Users=root Flags=MAINT',
    ),
    mends: asAdmin('scontrol delete ReservationName=works'),
  },
  { finds: 'proxy-catches-servers', env: { http_proxy: 'http://me:secret@proxy.site:3128' } },
  { finds: 'log-folder-not-writable', env: { SANDBOXCTL_OUTPUT: '/proc/logs/x.log' } },
  { finds: 'folder-not-writable', env: { TMPDIR: '/proc' } },
  { finds: 'node-unknown', argv: ['--nodelist', 'node9'] },
  { finds: 'cpus-too-few', argv: ['--cpus-per-task', '128'] },
  {
    finds: 'partition-not-named',
    // The fleet says which partition is its own.
    argv: ['--fleet', 'other'],
    breaks: asAdmin('scontrol update PartitionName=cpuonly Default=NO'),
    mends: asAdmin('scontrol update PartitionName=cpuonly Default=YES'),
  },
  {
    finds: 'partition-for-large-jobs',
    breaks: asAdmin('scontrol update PartitionName=cpuonly MinNodes=2'),
    mends: asAdmin('scontrol update PartitionName=cpuonly MinNodes=0'),
  },
  {
    finds: 'partition-not-for-you',
    breaks: asAdmin('scontrol update PartitionName=cpuonly AllowGroups=root'),
    mends: asAdmin('scontrol update PartitionName=cpuonly AllowGroups=ALL'),
  },
  {
    finds: 'no-node-up',
    argv: ['--partition', 'third', '--nodelist', 'node3'],
    breaks: asAdmin(
      'scontrol create PartitionName=third Nodes=node3 && scontrol update NodeName=node3 State=DRAIN Reason=test',
    ),
    mends: asAdmin('scontrol update NodeName=node3 State=RESUME && scontrol delete PartitionName=third'),
  },
  {
    finds: 'jobs-forgotten-soon',
    breaks: configured('s/^MinJobAge=.*/MinJobAge=2/'),
    mends: configured('s/^MinJobAge=.*/MinJobAge=30/'),
  },
  {
    finds: 'fleet-ends-soon',
    breaks: asAdmin('scontrol update JobId=$(squeue -h -o %A -p cpuonly) TimeLimit=50'),
    mends: asAdmin('scontrol update JobId=$(squeue -h -o %A -p cpuonly) TimeLimit=4-00:00:00'),
  },
  {
    finds: 'server-not-ready',
    breaks: asAdmin('scontrol suspend $(squeue -h -o %A -p cpuonly)'),
    mends: asAdmin('scontrol resume $(squeue -h -o %A -p cpuonly)'),
  },
  {
    finds: 'server-not-reached',
    breaks: (lab) => lab.reach('node2', false),
    mends: (lab) => lab.reach('node2', true),
  },
  {
    finds: 'slurm-unreachable',
    breaks: (lab) => lab.controller.kill('SIGKILL'),
    mends: async (lab) => {
      await lab.controller.start();
      await lab.ready();
    },
  },
];

/** What is broken on a node. */
const THERE: readonly Row[] = [
  {
    finds: 'shm-small',
    breaks: onNode('mount -t tmpfs -o size=1M none /dev/shm'),
    mends: onNode('umount /dev/shm'),
  },
  {
    finds: 'no-enroot',
    breaks: onNode('mount -t tmpfs none "$(dirname "$(command -v enroot)")"'),
    mends: onNode(
      'umount "$(awk \'$2 ~ /enroot/ || $2 ~ /standin/ { print $2 }\' /proc/mounts | tail -n 1)"',
    ),
  },
  {
    finds: 'state-folder-not-visible',
    // There the fleet is not known.
    argv: ['--fleet', 'other'],
    env: { SANDBOXCTL_STATE_DIR: ofLogin('state') },
    breaks: (lab) => ownedFolder(ofLogin('state'), lab.users[0]),
  },
  {
    finds: 'folder-not-seen',
    env: { SANDBOXCTL_OUTPUT: join(ofLogin('logs'), '%j.log') },
    breaks: (lab) => ownedFolder(ofLogin('logs'), lab.users[0]),
  },
  {
    finds: 'image-not-found',
    argv: ['--image', ofLogin('image.sqsh')],
    breaks: (lab) => copyFile(lab.image, ofLogin('image.sqsh')),
  },
  { finds: 'cpus-overstated', argv: ['--nodelist', 'node3', '--workers', 'auto'] },
  {
    finds: 'container-folder-shared',
    breaks: async (lab) => {
      const path = join(lab.shared, 'enroot.conf');
      await writeFile(path, `ENROOT_RUNTIME_PATH /tmp/run-$(id -u)\nENROOT_DATA_PATH ${lab.shared}/data\n`);
      await asRoot(lab, 'node1', `mount --bind ${path} /etc/enroot/enroot.conf`);
    },
    mends: onNode('umount /etc/enroot/enroot.conf'),
  },
  {
    finds: 'import-no-space',
    breaks: onNode('mount -t tmpfs -o size=1M none /tmp'),
    mends: onNode('umount /tmp'),
  },
  {
    finds: 'no-free-port',
    env: { SANDBOXCTL_PORT: '9321', SANDBOXCTL_PORT_RANGE: '9321-9321' },
    breaks: onNode(
      'python3 -c "import socket,time; s=socket.create_server((\'\', 9321)); time.sleep(600)" >/dev/null 2>&1 & echo $! >/tmp/holder; until grep -q :2469 /proc/net/tcp; do sleep 0.05; done',
    ),
    mends: onNode('kill "$(cat /tmp/holder)"'),
  },
  {
    finds: 'server-not-reached-from',
    breaks: (lab) =>
      asRoot(
        lab,
        'node2',
        `ip rule add to ${lab.nodes[0]?.address} ipproto tcp sport 8080 blackhole pref 90`,
      ),
    mends: (lab) =>
      asRoot(
        lab,
        'node2',
        `ip rule del to ${lab.nodes[0]?.address} ipproto tcp sport 8080 blackhole pref 90`,
      ),
  },
  { finds: 'no-user-namespaces', breaks: replaced(BWRAP), mends: putBack(BWRAP) },
  { finds: 'isolation-not-possible', argv: EMBEDDED, breaks: replaced(BWRAP), mends: putBack(BWRAP) },
  {
    finds: 'no-python',
    argv: EMBEDDED,
    breaks: replaced('/usr/bin/python3'),
    mends: putBack('/usr/bin/python3'),
  },
  {
    finds: 'no-nodejs',
    argv: EMBEDDED,
    breaks: replaced(process.execPath),
    mends: putBack(process.execPath),
  },
  {
    finds: 'sandboxctl-not-visible',
    argv: EMBEDDED,
    breaks: (lab) => asRoot(lab, 'node1', `mount -t tmpfs none ${lab.folder}/opt/sandboxctl/bin`),
    mends: (lab) => asRoot(lab, 'node1', `umount ${lab.folder}/opt/sandboxctl/bin`),
  },
  {
    finds: 'clocks-differ',
    breaks: replaced('/usr/bin/date', 'echo "$((EPOCHSECONDS - 100)).0"'),
    mends: putBack('/usr/bin/date'),
  },
  {
    finds: 'node-cannot-ask-slurm',
    breaks: replaced('/usr/bin/scontrol'),
    mends: putBack('/usr/bin/scontrol'),
  },
  {
    finds: 'disk-nearly-full',
    breaks: onNode('mount -t tmpfs -o size=500M none /tmp'),
    mends: onNode('umount /tmp'),
  },
  {
    finds: 'inodes-nearly-used-up',
    breaks: onNode('mount -t tmpfs -o size=4G,nr_inodes=100 none /tmp'),
    mends: onNode('umount /tmp'),
  },
  { finds: 'workers-too-many', argv: ['--workers', '64'] },
  {
    finds: 'node-not-had',
    argv: ['--reservation', 'nosuch'],
  },
];

describe('a cluster with a fleet of one, where one thing is wrong:', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({
      nodes: 3,
      // As many as this machine has, which is what a node sees; node3 says more.
      cpus: (i) => (i === 3 ? 64 : 2),
    });
    const deployed = await deploy(lab, ['--nodes', '1', '--nodelist', 'node2', '--mem', '1G'], {
      cwd: lab.users[0].home,
    });
    expect(deployed.code, deployed.stderr).toBe(0);
  });
  afterAll(async () => {
    if (lab !== undefined) await stop(lab).finally(() => lab.down());
  });

  async function doctor(argv: readonly string[] = [], { env, ...options }: RunOptions = {}) {
    const said = await lab.sandboxctl(['doctor', '--json', ...argv], {
      cwd: lab.users[0].home,
      env: { SANDBOXCTL_IMAGE: lab.image, SANDBOXCTL_NODELIST: 'node1', SANDBOXCTL_SETTLE: '1s', ...env },
      ...options,
    });
    const { checks, errors } = JSON.parse(said.stdout || 'null');
    const findings = checks.flatMap((check: { findings: object[] }) => check.findings);
    return { ...said, errors, findings: findings as { id: string; severity: string }[], checks };
  }

  test('nothing is found where nothing is wrong, here and on a node', async () => {
    const said = await doctor(JOB);
    expect(said.findings).toEqual([]);
    expect(said.code).toBe(0);
    const states = said.checks.map(({ group, state }: Record<string, string>) => `${group} ${state}`);
    for (const group of ['machine', 'slurm', 'image', 'node', 'fleet'])
      expect(states).toContain(`${group} ok`);
    // No file of its own is left in the state folder.
    const left = await lab.run(['ls', '-A', lab.state('')]);
    expect(left.stdout).not.toContain('doctor');
  });

  async function sees({ finds, argv = [], env = {}, breaks, mends }: Row, on: readonly string[]) {
    await breaks?.(lab);
    const said = await doctor([...on, ...argv], { env }).finally(() => mends?.(lab));
    expect(said.findings.map(({ id }) => id)).toEqual([finds]);
    expect(said.code).toBe(said.findings[0]?.severity === 'error' ? 5 : 0);
  }

  for (const { rows, tags } of inParts(HERE, 2)) {
    test.each(rows)('here, $finds', { tags }, (row) => sees(row, []));
  }
  for (const { rows, tags } of inParts(THERE, 2)) {
    test.each(rows)('on a node, $finds', { tags }, (row) => sees(row, JOB));
  }
});
