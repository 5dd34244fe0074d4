import { submitKeeperJob } from '../../control/keeper-job.js';
import { SandboxctlError } from '../../errors.js';
import { isTerminal } from '../../fleet/job-table.js';
import { type KeepRequest, keeperStatus } from '../../state/keeper.js';
import { bashQuote } from '../../text/quote.js';
import type { Context } from '../context.js';
import type { Kept } from '../keep.js';
import { cronLine } from './cron-line.js';

/**
 * A free node starts a job within seconds; without one, the job stays pending and keeps the fleet later.
 * Milliseconds.
 */
const START_MS = 30_000;
const POLL_MS = 500;
/** Longest wait for a node on which to check whether nodes may submit. Seconds. */
const TRIAL_WAIT_S = 15;

/**
 * Submits a job that keeps the fleet, and waits a while until it is active. Throws kind `refused` if nodes may not
 * submit.
 */
export async function keepInJob(context: Context, kept: Kept, request: KeepRequest): Promise<void> {
  const { store, keeper, scheduler, spec } = kept;
  const { clock, io, stateFolder } = context;
  await checkNodesSubmit(context, kept, request);
  const deps = { store, keeper, scheduler, stateFolder, cluster: () => scheduler.facts(), now: clock.now };
  const jobId = await submitKeeperJob(deps, spec, request.options);
  if (jobId === null) {
    io.stderr.line(
      "sbatch gave no clear answer for the keeper's job; 'sandboxctl status' shows whether it keeps the fleet",
    );
    return;
  }
  const until = clock.now() + START_MS;
  while (clock.now() < until) {
    context.signal.throwIfAborted();
    const { record, state } = await keeperStatus(stateFolder, store.fleet, clock.now());
    if (state === 'alive' && record?.job_id === jobId) {
      io.stderr.line(`keeping fleet ${store.fleet}: job ${jobId} on ${record.host}, log ${keeper.files.log}`);
      return;
    }
    await clock.sleep(POLL_MS, context.signal);
  }
  const listed = await scheduler.listKeepers(store.fleet);
  const job = listed.ok ? listed.jobs.find(({ id }) => id === jobId) : undefined;
  if (job === undefined || isTerminal(job.state)) throw ended(jobId, job?.state, keeper.files.log);
  io.stderr.line(
    `the keeper's job ${jobId} is ${job.state} (${job.reason || 'no reason'}): it keeps the fleet once Slurm starts it`,
  );
}

/** Checks on a node, since this depends on the nodes. Without a free node the check is skipped. */
async function checkNodesSubmit(context: Context, { scheduler, spec, store }: Kept, request: KeepRequest) {
  const { slurm } = spec.job;
  const partition = request.options.partition ?? spec.gateway?.job.slurm.partition ?? slurm.partition;
  const { account, qos, reservation } = slurm;
  const options = Object.entries({ partition, account, qos, reservation })
    .flatMap(([name, value]) => (value === null ? [] : [`--${name}=${bashQuote(value)}`]))
    .join(' ');
  const trial = `command -v sbatch squeue scancel >/dev/null || { echo "sbatch, squeue or scancel is missing"; exit; }
said=$(sbatch --test-only -t 1 ${options} --wrap true 2>&1) && echo ok || echo "$said"`;
  const where = { partition: partition.split(',')[0] ?? partition, account, qos, reservation };
  const answer = await scheduler.runOneOff({ ...where, maxWait: TRIAL_WAIT_S }, ['bash', '-c', trial], '');
  if (!answer.ok) {
    context.io.stderr.line(
      `no node of partition ${partition} was free to ask whether nodes may submit jobs (${answer.detail})`,
    );
    return;
  }
  const said = answer.stdout.trim();
  if (said === 'ok') return;
  throw new SandboxctlError('refused', {
    what: 'the nodes of this cluster may not submit jobs, so a job cannot keep the fleet',
    detail: said.split('\n').at(-1) ?? '',
    hint: `'sandboxctl keep --on here --detach' keeps it from this machine; where nothing may stay, add this line with 'crontab -e' or 'scrontab -e': ${cronLine(context, store.fleet)}`,
  });
}

function ended(jobId: string, state: string | undefined, log: string): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `the keeper's job ${jobId} has ended${state === undefined ? '' : ` (${state})`}`,
    detail: `its log is ${log}`,
    hint: "'sandboxctl keep --on here --detach' keeps the fleet from this machine instead",
  });
}
