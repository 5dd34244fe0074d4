import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { firstWords, messageOf } from '../../errors.js';
import { usableCpus, usableMemory } from '../../machine/capacity.js';
import type { Run } from '../../process/run.js';
import type { Scheduler } from '../port.js';
import { endArgv, limitsOf, startArgv } from './argv.js';
import { endOf, factOf, orphaned } from './judge.js';
import { probeProcesses } from './machine.js';
import { type LocalJob, listNumbers, numberOf, readJobs } from './records.js';
import { forgetOld, writeSubmission } from './submission.js';

/** Slurm's default KillWait. Seconds. */
const GRACE_S = 30;
const START_MS = 20_000;
const RUN_ONCE_MS = 300_000;
const PARTITION = 'local';

export interface LocalDeps {
  run: Run;
  env: NodeJS.ProcessEnv;
  folder: string;
  now: () => number;
  first?: number;
  grace?: number;
}

/** Jobs are plain processes, each below a supervisor that outlives the command. They start at once. */
export function localScheduler(deps: LocalDeps): Scheduler {
  const { folder: local, grace = GRACE_S } = deps;
  const env = jobEnvironment(deps.env);
  const node = hostname().split('.')[0] ?? hostname();
  const machine = { node, cpus: usableCpus(deps.env), memory: usableMemory(deps.env) };
  const withProcesses = async (job: LocalJob) => ({ job, processes: await probeProcesses(job.record) });
  const jobsOf = async (ids: readonly string[]) => {
    const numbers = [...new Set(ids.map(numberOf))];
    const found = (await Promise.all(numbers.map((number) => readJobs(join(local, number))))).flat();
    return Promise.all(
      found.filter(({ id }) => ids.includes(id) || ids.includes(numberOf(id))).map(withProcesses),
    );
  };

  const named = new Map<string, AbortController>();

  return {
    async facts() {
      return {
        nodes: [
          {
            ...{ name: node, address: '127.0.0.1', partition: PARTITION, cpus: machine.cpus },
            ...{ memory: Math.floor(machine.memory / 2 ** 20), gpus: 0, state: 'idle' },
          },
        ],
        partitions: [{ name: PARTITION, isDefault: true, timeLimit: null, availability: 'up', minNodes: 1 }],
        // Slurm's default; any limit that a whole fleet fits into will do.
        maxArraySize: 1001,
        name: null,
        needsAccount: false,
      };
    },
    partition: async () => undefined,
    ping: async () => ({ ok: true, detail: '' }),
    policy: async () => ({
      ...{ version: null, minJobAge: null, requeuesJobs: null, preemption: '', accounting: false },
      ...{ partitions: [], reservations: [], accounts: null },
    }),
    partitionNames: async () => [],
    startsContainers: async () => false,
    reservations: async () => [],
    submitArgv: (scriptPath, array) => [
      'bash',
      'local-job.sh',
      'start',
      scriptPath,
      ...(array === null ? [] : [`--array=${array}`]),
    ],
    startsAt: async () => null,
    freeFromNode: async () => undefined,
    async submit(request) {
      try {
        await forgetOld(local, deps.now());
        const from = { ...machine, first: deps.first ?? 1 };
        const { number, folder, about } = await writeSubmission(local, request, from);
        const limits = limitsOf(about, grace);
        const started = await deps.run(startArgv(folder, limits, about.logs), {
          env,
          cwd: request.cwd,
          timeoutMs: START_MS,
        });
        if (started.code === 0) return { kind: 'submitted', jobId: number };
        return {
          kind: 'unsure',
          detail: firstWords(started.stderr) || 'the supervisors did not start in time',
        };
      } catch (error) {
        return { kind: 'refused', detail: messageOf(error) };
      }
    },
    async list({ fleet }) {
      const folders = (await listNumbers(local)).map((number) => join(local, String(number)));
      const jobs = (await Promise.all(folders.map(readJobs))).flat();
      const wanted = jobs.filter(({ about }) => fleet === null || about.fleet === fleet);
      const seen = await Promise.all(wanted.map(withProcesses));
      return { ok: true, jobs: seen.map((one) => factOf(one.job, one.processes, deps.now() / 1000)) };
    },
    listKeepers: async () => ({ ok: true, jobs: [] }),
    async cancel(jobIds) {
      for (const { job, processes: seen } of await jobsOf(jobIds)) {
        if (job.record.state !== 'RUNNING') continue;
        try {
          await writeFile(join(job.folder, `${job.id}.cancel`), '', { mode: 0o600 });
        } catch (error) {
          if (seen === 'elsewhere') return { ok: false, detail: messageOf(error) };
          if (typeof seen === 'object' && seen.supervisor) signal(job.record.supervisor_pid);
        }
        if (orphaned(job, seen)) await deps.run(endArgv(job, grace), { env, timeoutMs: START_MS });
      }
      return { ok: true };
    },
    async endings(jobIds) {
      return new Map((await jobsOf(jobIds)).map(({ job, processes: seen }) => [job.id, endOf(job, seen)]));
    },
    script: (jobId) => readFile(join(local, numberOf(jobId), 'script'), 'utf8').catch(() => undefined),
    async expandHosts(hostlist) {
      return hostlist.split(',').filter((host) => host !== '');
    },
    ownJob: async () => undefined,
    runOnOtherNodes: async () => 'this machine has no others',
    async runOneOff(_job, argv, input) {
      const result = await deps.run(argv, { env, input, timeoutMs: RUN_ONCE_MS });
      if (result.code === 0) return { ok: true, stdout: result.stdout };
      return { ok: false, detail: firstWords(result.stderr) || `${argv[0]} ended with code ${result.code}` };
    },
    async runNamedJob(job, argv, { signal: stop, onLine }) {
      stop.throwIfAborted();
      const cancelled = new AbortController();
      named.set(job.name, cancelled);
      try {
        const ends = AbortSignal.any([stop, cancelled.signal]);
        return await deps.run(argv, { env: job.env, cwd: job.cwd, signal: ends, onLine, keepBytes: 4096 });
      } finally {
        named.delete(job.name);
      }
    },
    cancelNamedJob: async (name) => named.get(name)?.abort(),
  };
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {}
}

function jobEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
