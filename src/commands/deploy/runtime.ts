import { DEFAULT_IMAGE } from '../../config/settings/server.js';
import type { Config } from '../../config/settings.js';
import { MAX_WAIT_S, probeNode } from '../../control/probe-node.js';
import { SandboxctlError } from '../../errors.js';
import { failureError } from '../../failures/finding.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import { requestedPartitions } from '../../fleet/requested-partitions.js';
import { chooseByProbe, NO_PYXIS } from '../../fleet/runtime.js';
import type { ClusterName, RuntimeName } from '../../fleet/spec.js';
import type { OneOffJob, Scheduler } from '../../scheduler/port.js';
import { runtimeCache } from '../../state/runtime-cache.js';
import { formatAge } from '../../text/duration.js';
import type { Context } from '../context.js';
import { provenRuntimes } from './proven-runtimes.js';

interface Asked {
  config: Config;
  place: ClusterName;
  scheduler: Scheduler;
  cluster: ClusterFacts;
  nodelist: readonly string[];
  exclude: readonly string[];
}

export interface ChosenRuntime {
  runtime: RuntimeName;
  forget(): Promise<void>;
}

/**
 * The requested runtime, else one that works here. Throws kind `usage` if settings contradict it, `refused` if
 * no runtime would work on a node that was probed.
 */
export async function chooseRuntime(context: Context, asked: Asked): Promise<ChosenRuntime> {
  const { config, place, cluster } = asked;
  const cache = runtimeCache(context.stateFolder, context.clock.now);
  const requested = place === 'local' ? undefined : requestedPartitions(config.partition, cluster);
  const partition = requested?.name ?? '';
  const key = `${cluster.name ?? place}/${partition}`;
  const runtime = config.runtime === 'auto' ? await automatic() : config.runtime;
  rejectInvalidCombination(runtime, place, config.mount);
  return { runtime, forget: () => cache.drop(key).catch(() => undefined) };

  async function automatic(): Promise<RuntimeName> {
    if (config.checkout !== null) return 'checkout';
    if (place === 'local') return 'embedded';
    if (await asked.scheduler.startsContainers()) return 'pyxis';
    const { runtime: found, reason } = await known();
    if (found === 'embedded' && config.image !== DEFAULT_IMAGE) throw noContainer(config.image, reason);
    context.io.stderr.line(`using runtime ${found}: ${reason}`);
    return found;
  }

  async function known() {
    const cached = await cache.get(key);
    if (cached !== undefined) {
      const age = formatAge((context.clock.now() - cached.at) / 1000);
      return { ...cached, reason: `${cached.reason} (detected ${age} ago)` };
    }
    const running = await provenRuntimes(context, place);
    const members = new Set(requested?.nodes.map(({ name }) => name));
    const same = running.find(({ nodes }) => nodes.some((node) => members.has(node)));
    if (same !== undefined) return same;
    const [elsewhere] = running;
    // A probe is a job, and a dry run submits none.
    if (config.dryRun) return elsewhere ?? { runtime: 'enroot' as const, reason: DRY };
    context.io.stderr.line(
      `looking at a node of partition ${partition} to choose the runtime (up to ${MAX_WAIT_S} s)`,
    );
    const probe = await probeNode(asked.scheduler, probeJob(asked, partition));
    if (!probe.ok) {
      if (elsewhere === undefined) throw unprobed(partition, probe.detail);
      return { ...elsewhere, reason: `no node could be probed (${probe.detail}); ${elsewhere.reason}` };
    }
    const choice = chooseByProbe(probe.found);
    if ('lacks' in choice) throw nothingWorks(probe.found.get('node'), choice.lacks);
    await cache.set(key, choice).catch(() => undefined);
    return choice;
  }
}

/** A guess; if enroot is missing on the nodes, the jobs report it. */
const DRY = `${NO_PYXIS}; --dry-run probes no node`;

function unprobed(partition: string, detail: string): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `no node of partition ${partition} could be probed, so it is unknown which runtime works there`,
    detail,
    hint: "run this again when a node is free; or name the runtime: --runtime embedded (sandboxctl's own server) or --runtime enroot (a container)",
  });
}

function probeJob({ config, nodelist, exclude }: Asked, partition: string): OneOffJob {
  const { account, qos, reservation, constraint } = config;
  const [node = null] = nodelist;
  return { partition, account, qos, reservation, constraint, node, exclude };
}

function nothingWorks(node: string | undefined, lacks: readonly string[]): SandboxctlError {
  const detail = `node ${node} has no ${lacks.join('; no ')}`;
  return failureError('no-runtime', { lacks: NO_PYXIS, node }, { detail });
}

/** An explicit --image rules out the embedded server, which uses none. */
function noContainer(image: string, reason: string): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `the image ${image} needs a container runtime, and this cluster has none`,
    detail: reason,
    hint: "ask for enroot on the nodes, with or without pyxis; or leave out --image, or pass --runtime embedded, for sandboxctl's own server",
  });
}

/** enroot 4.1.2 rejects it; pyxis 0.24 writes it into a script, where the shell expands it. */
const UNMOUNTABLE: { [R in RuntimeName]?: { mark: RegExp; words: string } } = {
  enroot: { mark: /\s/, words: 'spaces' },
  pyxis: { mark: /[$`"]/, words: '$, ` or "' },
};

function rejectInvalidCombination(
  runtime: RuntimeName,
  cluster: ClusterName,
  mount: readonly string[],
): void {
  if (runtime === 'pyxis' && cluster === 'local') {
    throw new SandboxctlError('usage', {
      what: 'the runtime pyxis needs Slurm, and this fleet runs on this machine (--cluster local)',
      hint: 'leave out --runtime, or use --runtime embedded',
    });
  }
  const taken = UNMOUNTABLE[runtime];
  const unmountable = mount.find((each) => taken?.mark.test(each));
  if (taken !== undefined && unmountable !== undefined) {
    throw new SandboxctlError('usage', {
      what: `${runtime} cannot mount paths with ${taken.words}`,
      detail: `mount: ${unmountable}`,
      hint: `use another path with --mount, such as a symbolic link without ${taken.words}`,
    });
  }
  if ((runtime === 'embedded' || runtime === 'checkout') && mount.length > 0) {
    throw new SandboxctlError('usage', {
      what: `the runtime ${runtime} has no container to mount folders into`,
      detail: `mount: ${mount.join(' ')}`,
      hint: 'leave out --mount, or deploy with --runtime pyxis',
    });
  }
}
