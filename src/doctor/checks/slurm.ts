import { formatSlurmTime } from '../../config/units.js';
import { finding, findingOf } from '../../failures/finding.js';
import { isUp, sizeOf } from '../../fleet/partitions.js';
import { jobSpec } from '../../fleet/request.js';
import {
  type RequestedPartitions,
  requestedPartitions,
  shortestLimit,
} from '../../fleet/requested-partitions.js';
import { DAY, formatAge } from '../../text/duration.js';
import { type Check, check } from '../check.js';
import type { Setup, SlurmFacts } from '../facts.js';
import { found, foundOr, type Judgement, ok, skipped } from '../judgement.js';
import { judgeMaintenance } from './maintenance.js';

export type Answers = Extract<SlurmFacts, { kind: 'answers' }>;

/** A check of what Slurm says: where it says nothing, that is one finding, of the first check. */
function slurmCheck(id: string, title: string, judge: (slurm: Answers, setup: Setup) => Judgement): Check {
  return check('slurm', id, title, ['slurm', 'setup'], ({ slurm, setup }) =>
    slurm.kind === 'answers' ? judge(slurm, setup) : null,
  );
}

export const SLURM_CHECKS: readonly Check[] = [
  check('slurm', 'slurm', 'Slurm', ['slurm'], ({ slurm }) => {
    if (slurm.kind === 'none') return skipped(slurm.why);
    if (slurm.kind === 'silent') return found(finding('slurm-unreachable', {}, slurm.words));
    const { policy, cluster, seconds } = slurm;
    const name = cluster.name === null ? '' : `, cluster ${cluster.name}`;
    return ok(
      `${policy.version ?? 'its version is not known'}${name}, answers in ${Math.round(seconds * 1000)} ms`,
    );
  }),
  slurmCheck('partition', 'Partition', (slurm, { config }) => {
    const partition = partitionOf(slurm, config.partition);
    if ('id' in partition) return found(partition);
    const { name, members, nodes } = partition;
    const up = nodes.filter(isUp);
    const limit = shortestLimit(partition);
    const [only] = members;
    const closed = members.every((each) => slurm.open.length > 0 && !slurm.open.includes(each.name));
    const down = members.every((each) => each.availability === 'down');
    const least = Math.min(...members.map(({ minNodes }) => minNodes));
    const sizes = [...new Set(nodes.map(sizeOf))];
    const size =
      sizes.length === 0 ? '' : ` of ${sizes.slice(0, 3).join(', ')}${sizes.length > 3 ? ', ...' : ''}`;
    const time = limit === null ? 'no time limit' : `at most ${formatSlurmTime(limit)}`;
    return foundOr(`${name}: ${up.length} of ${nodes.length} nodes up${size}, ${time}`, [
      closed && finding('partition-not-for-you', { partition: name }),
      down && finding('partition-down', { partition: name, state: only?.availability }),
      !down &&
        nodes.length > 0 &&
        up.length === 0 &&
        finding(
          'no-node-up',
          { partition: name },
          nodes.map((node) => `${node.name} ${node.state}`).join(', '),
        ),
      least > 1 && finding('partition-for-large-jobs', { partition: name, least: String(least) }),
      limit !== null &&
        limit < DAY &&
        config.time === null &&
        finding('partition-short', { partition: name, limit: formatAge(limit) }),
    ]);
  }),
  slurmCheck('request', 'Request', (slurm, { config, place, like }) => {
    if ('id' in partitionOf(slurm, config.partition)) return null;
    const { cluster, nodelist, exclude } = slurm;
    try {
      const job = jobSpec(config, config.nodes ?? 1, cluster, {
        ...{ cluster: place, runtime: 'enroot', image: null, checkout: null, env: [], isolationAsked: false },
        ...{ template: null, nodelist: [...nodelist], exclude: [...exclude] },
      });
      const nodes =
        config.nodes === null ? 'the number of servers is not set (--nodes)' : `${config.nodes} nodes`;
      return ok(
        `${like === null ? '' : `as fleet ${like}: `}${nodes}, --time ${job.slurm.time}${job.slurm.exclusive ? ', whole nodes' : ''}`,
      );
    } catch (error) {
      return found(findingOf(error));
    }
  }),
  slurmCheck('submit-host', 'Submitting', ({ policy, host }, { config }) => {
    const parts = policyOf(policy.partitions, config.partition);
    const refusing = parts.filter(({ submitFrom }) => submitFrom !== null && !submitFrom.includes(host));
    const [first] = refusing;
    return foundOr(`allowed from ${host}`, [
      first !== undefined &&
        refusing.length === parts.length &&
        finding('submit-host-not-allowed', {
          ...{ partition: first.name, node: host, allowed: first.submitFrom?.join(', ') },
        }),
    ]);
  }),
  slurmCheck('account', 'Account', ({ cluster, policy }, { config }) => {
    const { accounts } = policy;
    if (accounts === null)
      return policy.accounting ? skipped('sacctmgr lists no accounts here') : ok('not needed');
    const names = [...new Set(accounts.map(({ account }) => account))];
    const wrong =
      cluster.needsAccount &&
      (config.account === null ? names.length === 0 : !names.includes(config.account));
    const mine = accounts.filter(({ account }) => config.account === null || account === config.account);
    const limits = mine.flatMap(({ submitted }) => submitted ?? []);
    const most = Math.min(...limits);
    const asked = config.nodes ?? 1;
    const yours = names.length === 0 ? 'none' : names.join(', ');
    return foundOr(`${yours}; ${limits.length === 0 ? 'no limit on jobs' : `at most ${most} jobs`}`, [
      wrong &&
        finding('sbatch-account', {}, `yours: ${yours}; asked for: ${config.account ?? 'the default one'}`),
      most < asked && finding('sbatch-limit', {}, `MaxSubmitJobs=${most}, --nodes ${asked}`),
    ]);
  }),
  slurmCheck('limits', 'Limits', ({ cluster, policy }) => {
    const { minJobAge, accounting } = policy;
    const arrays = cluster.maxArraySize < 2 ? 'job arrays are off' : `MaxArraySize ${cluster.maxArraySize}`;
    const age = String(minJobAge ?? 'unknown');
    return foundOr(`${arrays}, MinJobAge ${age} s, accounting ${accounting ? 'on' : 'off'}`, [
      minJobAge !== null && minJobAge < SHORT_AGE_S && !accounting && finding('jobs-forgotten-soon', { age }),
    ]);
  }),
  slurmCheck('preemption', 'Preemption', ({ policy: { preemption, requeuesJobs } }) => {
    const requeue =
      requeuesJobs === true ? 'jobs are requeued by default, those of sandboxctl never' : 'no requeue';
    return foundOr(`${preemption || 'OFF'}; ${requeue}`, [
      /SUSPEND|GANG/.test(preemption) && finding('jobs-can-be-suspended', { mode: preemption }),
    ]);
  }),
  slurmCheck('maintenance', 'Maintenance', (slurm, { config }) => {
    const partition = partitionOf(slurm, config.partition);
    return 'id' in partition ? null : judgeMaintenance(slurm, partition, config.time);
  }),
  slurmCheck('pyxis', 'pyxis', ({ pyxis, host }, { config }) => {
    if (pyxis) return ok('srun knows --container-image');
    return foundOr('srun here knows no --container-image', [
      config.runtime === 'pyxis' && finding('no-pyxis', { node: host }),
    ]);
  }),
];

/** A job is judged gone after two answers 10 s apart, so that it must be remembered for longer. Seconds. */
const SHORT_AGE_S = 20;

function partitionOf(
  { cluster }: Answers,
  names: string | null,
): RequestedPartitions | ReturnType<typeof findingOf> {
  try {
    return requestedPartitions(names, cluster);
  } catch (error) {
    return findingOf(error);
  }
}

export function policyOf(all: Answers['policy']['partitions'], names: string | null) {
  return names === null ? [] : all.filter(({ name }) => names.split(',').includes(name));
}
