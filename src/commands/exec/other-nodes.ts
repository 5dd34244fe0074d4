import { fileURLToPath } from 'node:url';
import { SandboxctlError } from '../../errors.js';
import type { OwnJob, Scheduler } from '../../scheduler/port.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import type { Context } from '../context.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

const RESTART_DELAY_MS = 1_000;

export interface OtherNodes {
  /** Resolves once all are ready, with false if the port is taken on one node. Throws if they cannot be started. */
  start(port: number): Promise<boolean>;
  stop(): Promise<void>;
}

export async function otherNodes(context: Context, urls: readonly string[]): Promise<OtherNodes> {
  const scheduler = await schedulerOfJob(context);
  const job = await scheduler?.ownJob();
  if (scheduler === undefined || job === undefined || job.others.length === 0) {
    return { start: async () => true, stop: async () => undefined };
  }
  const which =
    urls.length > 0
      ? urls.flatMap((url) => ['--endpoint', url])
      : ['--fleet', await chooseFleet(context), ...configOf(context)];
  return gatewaysOnOtherNodes(context, scheduler, job, [process.execPath, PROGRAM, 'gateway', ...which]);
}

function gatewaysOnOtherNodes(
  context: Context,
  scheduler: Scheduler,
  job: OwnJob,
  gateway: readonly string[],
): OtherNodes {
  let running: { stopped: AbortController; ended: Promise<void> } | undefined;
  const runGateways = (port: number, signal: AbortSignal, onLine: (line: string) => void) =>
    scheduler.runOnOtherNodes(job, [...gateway, '--listen', `127.0.0.1:${port}`], { signal, onLine });

  const stop = async () => {
    running?.stopped.abort();
    await running?.ended;
  };
  return {
    stop,
    async start(port) {
      const stopped = new AbortController();
      const begun = new Promise<boolean | string>((resolve) => {
        let ready = 0;
        const onLine = (line: string) => {
          if (line.includes('sandboxctl gateway: ready on') && ++ready === job.others.length) resolve(true);
          if (line.includes('error: cannot listen on')) resolve(false);
        };
        const first = runGateways(port, stopped.signal, onLine).then((words) => {
          resolve(words);
          return words;
        });
        running = { stopped, ended: first.then((words) => restart(words)) };
      });
      /** Starts gateways that ended, such as on a node that came back, again on the same port. */
      const restart = async (last: string) => {
        if ((await begun) !== true) return;
        for (let words = last; !stopped.signal.aborted; ) {
          const where = job.others.join(' ');
          context.io.stderr.line(`warning: restarting the gateways on ${where}, which ended: ${words}`);
          await context.clock.sleep(RESTART_DELAY_MS, stopped.signal);
          if (!stopped.signal.aborted) words = await runGateways(port, stopped.signal, () => undefined);
        }
      };
      const outcome = await begun;
      if (outcome === true) return true;
      await stop();
      if (outcome === false) return false;
      throw new SandboxctlError('tool', {
        what: `no gateway could be started on ${job.others.join(' ')}, the other nodes of job ${job.id}`,
        detail: outcome,
        hint: "'srun --overlap' must work here, and sandboxctl and its state folder must be visible on these nodes",
      });
    },
  };
}

async function schedulerOfJob(context: Context): Promise<Scheduler | undefined> {
  const { SLURM_JOB_ID: id, SLURM_JOB_NUM_NODES: nodes = '1' } = context.env;
  if (id === undefined) return undefined;
  if ((await context.clusters()).includes('slurm')) return context.scheduler('slurm');
  if (nodes !== '1') {
    context.io.stderr.line(
      `warning: squeue is not on PATH, so of the ${nodes} nodes of job ${id} only this one gets a gateway`,
    );
  }
  return undefined;
}

function configOf({ globals }: Context): string[] {
  return globals.configFile === undefined ? [] : ['--config', globals.configFile];
}
