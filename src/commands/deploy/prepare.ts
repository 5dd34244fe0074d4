import { join, resolve } from 'node:path';
import { envName, longFlag } from '../../config/flags.js';
import type { ResolvedConfig } from '../../config/load.js';
import type { Config } from '../../config/settings.js';
import { renderFor } from '../../control/submit.js';
import { loadTemplate, templateDigest } from '../../control/templates.js';
import { SandboxctlError } from '../../errors.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import { gatewaySpec } from '../../fleet/gateway-request.js';
import { planSubmissions } from '../../fleet/plan.js';
import { upkeepFor } from '../../fleet/replacement.js';
import { jobSpec, localJobSpec } from '../../fleet/request.js';
import {
  type EnvEntry,
  effectiveCount,
  type GatewaySpec,
  hashJob,
  type Spec,
  secretDigest,
} from '../../fleet/spec.js';
import { identifyImage } from '../../image/identity.js';
import type { Scheduler } from '../../scheduler/port.js';
import type { TemplateTexts } from '../../script/render.js';
import { type FleetStore, fleetStore } from '../../state/store.js';
import { bashQuote } from '../../text/quote.js';
import { clusterFor } from '../cluster.js';
import type { Context } from '../context.js';
import { findCheckout } from './checkout.js';
import { clusterFacts, hostsIn } from './cluster-facts.js';
import { chooseRuntime } from './runtime.js';

/** Everything that `deploy` finds out before it takes the lock. Nothing is written yet. */
export interface Prepared {
  store: FleetStore;
  scheduler: Scheduler;
  cluster: ClusterFacts;
  template: TemplateTexts;
  forgetRuntime(): Promise<void>;
  /** Loaded also without --gateway: the fleet may have a gateway already. */
  gatewayTemplate: TemplateTexts;
  /** As generation 1; `confirmChange` sets the real number. */
  spec: Spec;
  /** `export` lines of the variables whose values are kept out of scripts; empty for none. */
  secrets: string;
}

export async function prepare(context: Context, resolved: ResolvedConfig, fleet: string): Promise<Prepared> {
  const { config } = resolved;
  const store = fleetStore(context.stateFolder, fleet);
  const before = await store.readSpec();
  const count = countOf(resolved, before);
  const { nodes } = count;
  if (config.nodes !== null && nodes > config.nodes) {
    context.io.stderr.line(
      `fleet ${fleet} keeps its ${nodes} servers, as set by --nodes; ${resolved.origins.nodes} has nodes: ${config.nodes} (--nodes ${config.nodes} shrinks the fleet)`,
    );
  }
  const { cwd } = context;
  const place = await clusterFor(context, fleet, config, before);
  const scheduler = await context.scheduler(place);
  const [cluster, nodelist, exclude] = await Promise.all([
    clusterFacts(scheduler, config),
    hostsIn(scheduler, config.nodelist, context.cwd),
    hostsIn(scheduler, config.exclude, context.cwd),
  ]);
  const asked = { config, place, scheduler, cluster, nodelist, exclude };
  const { runtime, forget } = await chooseRuntime(context, asked);
  const template = await loadTemplate(config.template, runtime, place === 'local' ? 'local' : 'slurm');
  const inContainer = runtime === 'pyxis' || runtime === 'enroot';
  const image = inContainer ? await findImage(context, config) : null;
  const checkout = runtime === 'checkout' ? await findCheckout(context, config) : null;
  const env = readEnv(config.env, context.env);
  const found = {
    cluster: place,
    runtime,
    image,
    checkout,
    nodelist,
    exclude,
    env: env.entries,
    isolationAsked: resolved.origins.isolation !== 'default',
    template: config.template === null ? null : templateDigest(template),
  };
  const job = place === 'local' ? localJobSpec(config, found) : jobSpec(config, nodes, cluster, found);
  const gateway = gatewayFor(config, before, { job, nodes, cluster });
  const prepared: Prepared = {
    store,
    scheduler,
    cluster,
    template,
    forgetRuntime: forget,
    gatewayTemplate: await loadTemplate(
      null,
      'gateway',
      gateway?.job.cluster === 'local' ? 'local' : 'slurm',
    ),
    secrets: env.secrets,
    spec: {
      schema_version: 1,
      fleet,
      generation: 1,
      ...count,
      hash: hashJob(job),
      job,
      output: absoluteOutput(cwd, config.output),
      logCap: config.logCap,
      drain: config.drain,
      upkeep: upkeepFor(config, { job, nodes, cluster }),
      ...(gateway === undefined ? {} : { gateway }),
    },
  };
  checkTemplate(prepared);
  return prepared;
}

function countOf(
  { config: { nodes }, origins }: ResolvedConfig,
  before: Spec | undefined,
): Pick<Spec, 'nodes' | 'nodesByFile'> {
  if (nodes === null) {
    throw new SandboxctlError('usage', {
      what: 'the number of servers is missing',
      detail: 'neither --nodes nor the config key nodes is set',
      hint: "for example 'sandboxctl deploy --nodes 4'",
    });
  }
  const byFile = ![longFlag('nodes'), envName('nodes')].includes(origins.nodes);
  const asked = byFile ? { nodes, nodesByFile: true as const } : { nodes };
  return before === undefined ? asked : effectiveCount(asked, before);
}

function gatewayFor(
  config: Config,
  before: Spec | undefined,
  servers: Pick<Spec, 'job' | 'nodes'> & Pick<Prepared, 'cluster'>,
): GatewaySpec | undefined {
  if (config.gateway === 'none') return undefined;
  if (config.gateway === null) return before?.gateway;
  return gatewaySpec(config, config.gateway, servers.job, servers.nodes, servers.cluster);
}

/** Reports a mistake in the template before anything is written or cancelled. Throws kind `config`. */
function checkTemplate(prepared: Prepared): void {
  const [plan] = planSubmissions([0], prepared.cluster.maxArraySize, () => 'check');
  if (plan !== undefined) renderFor(prepared, prepared.spec, plan);
}

async function findImage(context: Context, config: Config): Promise<{ path: string; sha256: string }> {
  const { path, sha256 } = await identifyImage(config.image, {
    imageDir: config.imageDir ?? join(context.stateFolder, 'images'),
    stateFolder: context.stateFolder,
    cwd: context.cwd,
    run: context.run,
    env: context.env,
    signal: context.signal,
    onProgress: (line) => context.io.stderr.line(line),
  });
  return { path, sha256 };
}

/** `KEY=VALUE` is written into the script; the value of `KEY` alone goes through a file that only the user can read. */
function readEnv(given: readonly string[], env: NodeJS.ProcessEnv): { entries: EnvEntry[]; secrets: string } {
  const secrets: string[] = [];
  const entries = given.map((item): EnvEntry => {
    const at = item.indexOf('=');
    if (at > 0) return { key: item.slice(0, at), value: item.slice(at + 1) };
    const value = env[item];
    if (value === undefined) {
      throw new SandboxctlError('usage', {
        what: `--env ${item}: your environment has no variable of this name`,
        hint: `export ${item} first, or give its value with --env ${item}=VALUE`,
      });
    }
    secrets.push(`export ${item}=${bashQuote(value)}\n`);
    return { key: item, secret: secretDigest(item, value) };
  });
  return { entries, secrets: secrets.join('') };
}

function absoluteOutput(cwd: string, output: string): string {
  return output.startsWith('/') ? output : resolve(cwd.replaceAll('%', '%%'), output);
}
