import { finding } from '../../failures/finding.js';
import { chooseByProbe, NO_PYXIS, type NodeProbe } from '../../fleet/runtime.js';
import { type Check, check } from '../check.js';
import type { FactName, Facts, NodeFacts } from '../facts.js';
import { found, foundOr, type Judgement, ok, skipped } from '../judgement.js';
import type { FolderRole, MachineFacts, Reached } from '../machine-facts.js';
import { runtimeOf } from '../runtime.js';
import { judgeCheckoutThere } from './checkout.js';
import { judgeFolder, judgeNotSeen, judgeShm } from './folders.js';
import { isOptional } from './image.js';
import { judgeContainers, judgeIsolation } from './isolation.js';
import { freePorts } from './ports.js';
import { policyOf } from './slurm.js';
import { span } from './span.js';

type Looked = Exclude<NodeFacts, { failed: string }>;

/** A check of a node that was had. `needs`: beside the node and the setup. */
function nodeCheck<N extends FactName = never>(
  id: string,
  title: string,
  needs: readonly N[],
  judge: (node: Looked, facts: Pick<Facts, N | 'setup'>) => Judgement,
): Check {
  return check<N | 'node' | 'setup'>('node', id, title, ['node', 'setup', ...needs], (facts) => {
    const { node } = facts as Pick<Facts, 'node'>;
    return 'failed' in node ? null : judge(node, facts as Pick<Facts, N | 'setup'>);
  });
}

/** Seconds. A job refreshes its registration every 5 s, and a canary that is late by less is nobody's concern. */
const STALE_S = 5;
/** Seconds that clocks may differ unnoticed: times are shown by the second. */
const CLOCK_S = 3;

/** A compute node, as a job sees it. */
export const NODE_CHECKS: readonly Check[] = [
  check('node', 'node', 'Node', ['node'], ({ node }) => {
    if ('failed' in node) return found(finding('node-not-had', { partition: node.partition }, node.failed));
    const { node: name, kernel, architecture, cpusHardware } = node.facts;
    const took = (node.answered - node.asked).toFixed(1);
    return ok(`${name} (Linux ${kernel}, ${architecture}, ${cpusHardware} CPUs), its job took ${took} s`);
  }),
  nodeCheck('node-runtime', 'Runtime', ['slurm'], ({ facts }, { setup, slurm }) => {
    const runtime = runtimeOf(setup, slurm);
    const { node } = facts;
    if (runtime === 'checkout') return judgeCheckoutThere(facts, setup.config);
    if (runtime === null) {
      const choice = chooseByProbe(probeOf(facts));
      if ('runtime' in choice) return ok(`${choice.runtime}: ${choice.reason}`);
      return found(
        finding('no-runtime', { lacks: NO_PYXIS, node }, `node ${node} has no ${choice.lacks.join('; no ')}`),
      );
    }
    if (runtime === 'embedded') {
      return foundOr(`embedded: Node ${facts.nodejs}, Python ${facts.python}`, [
        facts.nodejs === null && finding('no-nodejs', { node }),
        !facts.program && finding('sandboxctl-not-visible', { node, path: setup.program }),
        facts.python === null && finding('no-python', { node }),
      ]);
    }
    return foundOr(`${runtime}: enroot ${facts.enroot}`, [
      runtime === 'pyxis' && !facts.pyxis && finding('no-pyxis', { node }),
      facts.enroot === null && finding('no-enroot', { node }),
    ]);
  }),
  nodeCheck('node-containers', 'Isolation', ['slurm'], ({ facts }, { setup, slurm }) => {
    const runtime = runtimeOf(setup, slurm);
    if (runtime === 'embedded') return judgeIsolation(facts, setup.config.isolation === 'lite');
    return runtime === 'pyxis' || runtime === 'enroot' ? judgeContainers(facts) : null;
  }),
  nodeCheck('node-container-folder', 'Containers', ['slurm'], ({ facts }, { setup, slurm }) => {
    const { enrootData } = facts;
    // Our own runtime enroot unpacks on the node's disk, whatever the site's default is.
    if (runtimeOf(setup, slurm) !== 'pyxis' || enrootData === null) return null;
    return foundOr(`unpacked to ${enrootData.path} (${enrootData.kind})`, [
      ((enrootData.shared && facts.markSeen !== null) || NETWORKED.test(enrootData.kind)) &&
        finding('container-folder-shared', { 1: enrootData.path, node: facts.node }),
    ]);
  }),
  nodeCheck('node-state', 'State folder', [], ({ facts, back }) => {
    const { markSeen, markWritten, node } = facts;
    if (markSeen === null || !markWritten) return found(finding('state-folder-not-visible', { node }));
    const late = (seconds: number, who: string) =>
      seconds >= STALE_S && finding('state-folder-stale', { who, seconds: String(Math.ceil(seconds)) });
    const slowest = Math.max(markSeen.seconds, back ?? 0).toFixed(1);
    return foundOr(`seen there, and back here, within ${slowest} s`, [
      late(markSeen.seconds, `node ${node}`),
      late(back ?? Number.POSITIVE_INFINITY, 'this machine'),
    ]);
  }),
  folderCheck('logs', 'Log folder'),
  nodeCheck('node-image', 'Image', ['image'], ({ facts }, { image }) => {
    if (image === null || image.damage !== null || facts.image === null) return null;
    const other = image.record !== null && !sameArchitecture(image.record.architecture, facts.architecture);
    return foundOr(`${image.path} can be read`, [
      !facts.image && finding('image-not-found', { 1: image.path, node: facts.node }),
      other &&
        finding('other-architecture', {
          ...{ image: image.record?.architecture, node: facts.node, machine: facts.architecture },
        }),
    ]);
  }),
  nodeCheck('node-temp', 'Temporary', [], ({ facts }) => judgeFolder('temp', facts)),
  nodeCheck('node-shm', 'Shared memory', [], ({ facts }) => judgeShm(facts)),
  nodeCheck('node-cpus', 'CPUs', ['slurm'], ({ facts }, { slurm, setup }) => {
    const known = slurm.kind === 'answers' && slurm.cluster.nodes.find(({ name }) => name === facts.node);
    if (!known) return null;
    const { cpus } = known;
    const hardware = facts.cpusHardware;
    const { workers } = setup.config;
    const texts = { workers: String(workers), hardware: String(hardware), node: facts.node };
    if (workers !== 'auto') {
      return foundOr(`${hardware}, for --workers ${workers}`, [
        workers > hardware && finding('workers-too-many', texts),
      ]);
    }
    return foundOr(`${cpus} by Slurm, ${hardware} in truth`, [
      cpus > hardware &&
        finding('cpus-overstated', { slurm: String(cpus), hardware: String(hardware), node: facts.node }),
    ]);
  }),
  nodeCheck('node-ports', 'Ports', [], ({ facts }, { setup }) => {
    const { free, all, ports } = freePorts(setup.config, facts);
    return foundOr(`${free} of ${all} are free (${ports})`, [
      free === 0 && finding('no-free-port', { node: facts.node, ports }),
    ]);
  }),
  nodeCheck('node-clock', 'Clock', [], ({ facts, asked, answered }) => {
    // It was read at some time between the two.
    const ahead = facts.clock - answered;
    const behind = asked - facts.clock;
    const most = Math.max(ahead, behind);
    const direction = ahead > behind ? 'ahead of' : 'behind';
    return foundOr('as the one here', [
      most > CLOCK_S &&
        finding('clocks-differ', { node: facts.node, seconds: String(Math.round(most)), direction }),
    ]);
  }),
  nodeCheck('node-slurm', 'Slurm', ['slurm'], ({ facts, partition }, { slurm }) => {
    if (facts.controller === null)
      return skipped('no scontrol there: jobs can be submitted from elsewhere only');
    const parts = slurm.kind === 'answers' ? policyOf(slurm.policy.partitions, partition) : [];
    const submits = parts.every(({ submitFrom }) => submitFrom === null || submitFrom.includes(facts.node));
    const may = submits
      ? 'jobs can be submitted from there'
      : 'no jobs may be submitted from there (AllocNodes)';
    return foundOr(`answers there too; ${may}`, [
      !facts.controller.ok && finding('node-cannot-ask-slurm', { node: facts.node }, facts.controller.words),
    ]);
  }),
  nodeCheck(
    'node-registry',
    'Registry',
    ['image', 'registry', 'here'],
    ({ facts }, { image, registry, here: known }) => {
      if (image === null || registry === null || isOptional(image)) return null;
      if (facts.registry === null) return skipped('not asked: no curl there');
      const { host } = registry;
      if ('code' in facts.registry) {
        const words = `${facts.node}: enroot-aufs2ovlfs has no capabilities`;
        const here = known.enroot !== null && known.tools.has('mksquashfs');
        return foundOr(`${host} answers there in ${facts.registry.seconds} s`, [
          // An import that this machine cannot do runs there.
          !here &&
            !facts.root &&
            facts.enrootCapabilities === false &&
            finding('import-enroot-capabilities', {}, words),
        ]);
      }
      const texts = { host, image: image.name, node: facts.node, other: 'here' };
      return found(finding('registry-not-reached', texts, facts.registry.words));
    },
  ),
  nodeCheck('node-reach', 'Servers', ['fleets'], ({ facts, random }, { fleets }) => {
    if ('failed' in fleets) return null;
    const all = fleets.flatMap(({ endpoints, gateway }) => [
      ...endpoints,
      ...(gateway === null ? [] : [gateway]),
    ]);
    const asked = all.filter(({ state, url }) => state === 'ready' && url !== null);
    if (asked.length === 0) return null;
    const answers = asked.map((each) => ({ ...each, reached: facts.reached.get(serverName(each)) }));
    const times = answers.flatMap(({ reached }) => reached?.ms ?? []);
    return foundOr(
      `all ${asked.length} run a program from there, ${span(times)} ms`,
      answers.map(({ fleet, instance, url, reached }) => {
        const words = whyNotReached(reached, random);
        if (words === null) return false;
        const what = instance === 'gateway' ? 'the gateway' : `instance ${instance}`;
        return finding('server-not-reached-from', { what, fleet, node: facts.node, url: url ?? '' }, words);
      }),
    );
  }),
];

export function serverName({ fleet, instance }: { fleet: string; instance: string }): string {
  return `${fleet}/${instance}`;
}

/** Null where it ran the program. Who asks for a token is well, as far as can be seen without one. */
function whyNotReached(reached: Reached | undefined, random: string): string | null {
  if (reached === undefined) return 'no answer';
  const { code, printed } = reached;
  if (code === 401 || (code === 200 && printed === random)) return null;
  return code === 200 ? `HTTP 200, but the program printed '${printed}'` : `HTTP ${code}`;
}

function folderCheck(role: FolderRole, title: string): Check {
  return nodeCheck(`node-${role}`, title, ['here'], ({ facts }, { here }) => {
    const unseen = here.folders.get(role)?.there === true && facts.folders.get(role)?.there === false;
    return unseen ? judgeNotSeen(role, facts) : judgeFolder(role, facts);
  });
}

/** As templates/probe-node.sh would say it. */
function probeOf(facts: MachineFacts): NodeProbe {
  const { node, enroot, nodejs, python, program, pyxis } = facts;
  const namespaces = facts.unshare === '' || facts.bwrap === '' ? 'on' : 'off';
  const lines = {
    node,
    enroot,
    nodejs,
    python,
    namespaces,
    pyxis: pyxis ? 'yes' : null,
    program: program ? 'yes' : null,
  };
  return new Map(
    Object.entries(lines).flatMap(([key, value]): [string, string][] =>
      value === null ? [] : [[key, value]],
    ),
  );
}

/** Kinds of file systems, as stat(1) names them, that only networks have. */
const NETWORKED = /^(nfs|lustre|gpfs|beegfs|ceph|panfs|afs|smb|cifs|pvfs|wekafs|v9fs|acfs|gfs)/;

const SAME: readonly (readonly string[])[] = [
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
];

function sameArchitecture(registry: string, kernel: string): boolean {
  return registry === kernel || SAME.some((names) => names.includes(registry) && names.includes(kernel));
}
