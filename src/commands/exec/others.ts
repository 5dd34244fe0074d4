import { fileURLToPath } from 'node:url';
import { SandboxctlError } from '../../errors.js';
import type { OwnJob, Scheduler } from '../../scheduler/port.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import type { Context } from '../context.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));
/** What ended is started again after this long. Milliseconds. */
const AGAIN_MS = 1_000;

/** The gateways on the other nodes of our job; where there are none, both do nothing. */
export interface Others {
  /** Resolves once all answer; false where the port is taken on one of them. Throws where they cannot be started. */
  start(port: number): Promise<boolean>;
  stop(): Promise<void>;
}

export async function otherNodes(context: Context, urls: readonly string[]): Promise<Others> {
  const scheduler = await schedulerOfJob(context);
  const job = await scheduler?.ownJob();
  if (scheduler === undefined || job === undefined || job.others.length === 0) {
    return { start: async () => true, stop: async () => undefined };
  }
  const which =
    urls.length > 0
      ? urls.flatMap((url) => ['--endpoint', url])
      : ['--fleet', await chooseFleet(context), ...configOf(context)];
  return onOthers(context, scheduler, job, [process.execPath, PROGRAM, 'gateway', ...which]);
}

function onOthers(context: Context, scheduler: Scheduler, job: OwnJob, gateway: readonly string[]): Others {
  let running: { stopped: AbortController; ended: Promise<void> } | undefined;
  const once = (port: number, signal: AbortSignal, onLine: (line: string) => void) =>
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
        const first = once(port, stopped.signal, onLine).then((words) => {
          resolve(words);
          return words;
        });
        running = { stopped, ended: first.then((words) => keep(words)) };
      });
      /** A node that comes back, or a gateway that somebody killed: it gets another on the same port. */
      const keep = async (last: string) => {
        if ((await begun) !== true) return;
        for (let words = last; !stopped.signal.aborted; ) {
          const where = job.others.join(' ');
          context.io.stderr.line(`warning: the gateways on ${where} ended, and begin again: ${words}`);
          await context.clock.sleep(AGAIN_MS, stopped.signal);
          if (!stopped.signal.aborted) words = await once(port, stopped.signal, () => undefined);
        }
      };
      const told = await begun;
      if (told === true) return true;
      await stop();
      if (told === false) return false;
      throw new SandboxctlError('tool', {
        what: `no gateway could be started on ${job.others.join(' ')}, the other nodes of job ${job.id}`,
        words: told,
        hint: "'srun --overlap' must work here, and the nodes must see sandboxctl and its state folder",
      });
    },
  };
}

/** Undefined outside of a job, and where Slurm's tools are not to be had: then only this node gets a gateway. */
async function schedulerOfJob(context: Context): Promise<Scheduler | undefined> {
  const { SLURM_JOB_ID: id, SLURM_JOB_NUM_NODES: nodes = '1' } = context.env;
  if (id === undefined) return undefined;
  if ((await context.clusters()).includes('slurm')) return context.scheduler('slurm');
  if (nodes !== '1') {
    context.io.stderr.line(
      `warning: no squeue on PATH, so only this one of the ${nodes} nodes of job ${id} gets a gateway`,
    );
  }
  return undefined;
}

function configOf({ globals }: Context): string[] {
  return globals.configFile === undefined ? [] : ['--config', globals.configFile];
}
