import { DEFAULT_IMAGE } from '../../config/settings/server.js';
import type { Config } from '../../config/settings.js';
import { lookAtNode } from '../../control/probe-node.js';
import { SandboxctlError } from '../../errors.js';
import { askedPartitions } from '../../fleet/asked-partitions.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import { chooseByLook, NO_PLUGIN } from '../../fleet/runtime.js';
import type { ClusterName, RuntimeName } from '../../fleet/spec.js';
import type { OneOffJob, Scheduler } from '../../scheduler/port.js';
import { runtimeCache } from '../../state/runtime-cache.js';
import type { Context } from '../context.js';
import { span } from '../span.js';

interface Asked {
  config: Config;
  place: ClusterName;
  scheduler: Scheduler;
  cluster: ClusterFacts;
  /** Node names. */
  nodelist: readonly string[];
  exclude: readonly string[];
}

export interface ChosenRuntime {
  runtime: RuntimeName;
  /** To be called when a job failed since its node lacks what the runtime needs: the next deploy looks again. */
  disprove(): Promise<void>;
}

/**
 * The runtime that was asked for, else what this cluster can do. Throws kind `usage` where it does not go with the
 * rest, kind `refused` where a node was looked at and none would work.
 */
export async function chooseRuntime(context: Context, asked: Asked): Promise<ChosenRuntime> {
  const { config, place, cluster } = asked;
  const cache = runtimeCache(context.stateFolder, context.clock.now);
  const partition = place === 'local' ? '' : askedPartitions(config.partition, cluster).name;
  const key = `${cluster.name ?? place}/${partition}`;
  const runtime = config.runtime === 'auto' ? await automatic() : config.runtime;
  refuseOdd(runtime, place, config.mount);
  return { runtime, disprove: () => cache.drop(key).catch(() => undefined) };

  async function automatic(): Promise<RuntimeName> {
    if (config.checkout !== null) return 'checkout';
    if (place === 'local') return 'embedded';
    if (await asked.scheduler.startsContainers()) return 'pyxis';
    const { runtime: found, reason } = await known();
    if (found === 'embedded' && config.image !== DEFAULT_IMAGE) throw noContainer(config.image, reason);
    context.io.stderr.line(`runtime ${found}: ${reason}`);
    return found;
  }

  async function known() {
    const cached = await cache.get(key);
    if (cached !== undefined) {
      const age = span((context.clock.now() - cached.at) / 1000);
      return { ...cached, reason: `${cached.reason} (seen ${age} ago)` };
    }
    // A look is a job, and a dry run submits none.
    if (config.dryRun) return unlooked('no node was looked at');
    const look = await lookAtNode(asked.scheduler, probeJob(asked, partition));
    if (!look.ok) return unlooked(`no node could be looked at: ${look.words}`);
    const choice = chooseByLook(look.found);
    if ('lacks' in choice) throw nothingWorks(look.found.get('node'), choice.lacks);
    await cache.set(key, choice).catch(() => undefined);
    return choice;
  }
}

/** Its jobs say what is missing, should it be. */
const unlooked = (why: string) => ({ runtime: 'enroot' as const, reason: `${NO_PLUGIN}, and ${why}` });

/** One of the nodes that the jobs would get, asked for as they would be. */
function probeJob({ config, nodelist, exclude }: Asked, partition: string): OneOffJob {
  const { account, qos, reservation, constraint } = config;
  const [node = null] = nodelist;
  return { partition, account, qos, reservation, constraint, node, exclude };
}

function nothingWorks(node: string | undefined, lacks: readonly string[]): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `no runtime works on this cluster as it is: ${NO_PLUGIN}, and node ${node} lacks what the others need`,
    words: `node ${node} has no ${lacks.join('; no ')}`,
    hint: 'have enroot installed on the nodes, with pyxis or alone; or Node 20.19 and Python 3, for --runtime embedded; or name a SandboxFusion of your own with --checkout',
  });
}

/** Who names an image does not mean a server that has none. */
function noContainer(image: string, reason: string): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `the image ${image} needs a container, and this cluster has none for it`,
    words: reason,
    hint: "have enroot installed on the nodes, with pyxis or alone; or leave --image out, or say --runtime embedded, for sandboxctl's own server",
  });
}

/** enroot 4.1.2 refuses it itself; pyxis 0.24 writes it into a script, whose shell reads it. */
const UNMOUNTABLE: { [R in RuntimeName]?: { mark: RegExp; words: string } } = {
  enroot: { mark: /\s/, words: 'a blank' },
  pyxis: { mark: /[$`"]/, words: 'one of $ ` "' },
};

/** Throws kind `usage`. */
function refuseOdd(runtime: RuntimeName, cluster: ClusterName, mount: readonly string[]): void {
  if (runtime === 'pyxis' && cluster === 'local') {
    throw new SandboxctlError('usage', {
      what: 'the runtime pyxis is a part of Slurm, and this fleet runs on this machine (--cluster local)',
      hint: 'leave out --runtime, or name embedded',
    });
  }
  const taken = UNMOUNTABLE[runtime];
  const odd = mount.find((each) => taken?.mark.test(each));
  if (taken !== undefined && odd !== undefined) {
    throw new SandboxctlError('usage', {
      what: `${runtime} mounts no folder whose path has ${taken.words}`,
      words: `mount: ${odd}`,
      hint: `choose another path for --mount, such as a symbolic link without ${taken.words}`,
    });
  }
  if ((runtime === 'embedded' || runtime === 'checkout') && mount.length > 0) {
    throw new SandboxctlError('usage', {
      what: `the runtime ${runtime} has no container to mount folders into`,
      words: `mount: ${mount.join(' ')}`,
      hint: 'leave out --mount, or deploy with --runtime pyxis',
    });
  }
}
