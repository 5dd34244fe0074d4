import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { firstWords, messageOf, SandboxctlError } from '../../errors.js';
import type { JobEnd } from '../../fleet/job-facts.js';
import { jobName, keeperJobName, keeperTagOf, type tagOf } from '../../fleet/names.js';
import type { Run, RunResult } from '../../process/run.js';
import type { Scheduler } from '../port.js';
import * as argv from './argv.js';
import { sbatchEnvironment, toolEnvironment } from './environment.js';
import { cancelNamedJob, runNamedJob } from './named-job.js';
import * as parse from './parse.js';
import { parseAccounts, parsePartitions, parsePolicy, parseReservations } from './parse-policy.js';
import { parseSqueue, squeueFormat } from './squeue.js';

/** squeue itself gives up on a hung controller after 20 s, and takes 18 s on a dead one (measured). */
const ANSWER_MS = 60_000;
/** sbatch hangs for 59 s on a SLURM_CONF that is not there (measured). */
const SBATCH_MS = 120_000;
const KEYBOARD_MS = 2_000;
/** Slurm's own MessageTimeout is 10 s by default: a controller that hangs is given up by scontrol itself. */
const PING_MS = 12_000;
/** Seconds to wait for a node: longer would delay a ready fleet on a full partition. */
const MAX_WAIT_S = 300;
/** Time limit of a short program on its node. Seconds. */
const MAX_RUN_S = 60;

const UNREACHABLE =
  "check that this machine reaches the cluster: 'scontrol ping' and SLURM_CONF; 'sandboxctl deploy --cluster local' needs no Slurm";
const unreachable = (cluster: string) =>
  `'sacctmgr show cluster' lists the names that --cluster-name takes; 'scontrol -M ${cluster} ping' says whether ${cluster} answers`;

/** How Slurm's tools say that they reach no controller, or have no configuration that names one. */
const NO_CONTROLLER =
  /Unable to contact|timed out|Connection refused|configuration source|Protocol authentication|munge|Unable to process configuration|resolve_ctls/i;

interface SlurmDeps {
  run: Run;
  env: NodeJS.ProcessEnv;
  uid: number;
  cluster?: string | undefined;
}

export function slurmScheduler(deps: SlurmDeps): Scheduler {
  const env = toolEnvironment(deps.env);
  const there = (words: readonly string[]) => argv.forCluster(deps.cluster, words);
  const here = (words: string[], timeoutMs = ANSWER_MS): Promise<RunResult> =>
    deps.run(words, { env, timeoutMs });
  const ask = (words: string[], timeoutMs?: number) => here(there(words), timeoutMs);
  /** Some failures exit 0: errors on stderr beside an answer are notes, without one they are the cause. */
  const must = async (words: string[], isAnswer: (stdout: string) => boolean): Promise<string> => {
    const result = await ask(words);
    const wrong = parse.errorWords(result.stderr);
    if (result.code === 0 && (isAnswer(result.stdout) || wrong === undefined)) return result.stdout;
    throw new SandboxctlError('tool', {
      what: result.timedOut
        ? `${words[0]} gave no answer within ${ANSWER_MS / 1000} s`
        : `${words[0]} could not ask Slurm`,
      detail: wrong ?? firstWords(result.stderr),
      hint: deps.cluster === undefined ? UNREACHABLE : unreachable(deps.cluster),
      ...((result.timedOut || NO_CONTROLLER.test(result.stderr)) && { failure: 'slurm-unreachable' }),
    });
  };
  /** Works without the controller. Throws kind `usage` for an invalid list. */
  const hostsOf = async (hostlist: string): Promise<string[]> => {
    const result = await here(argv.hostnamesArgv(hostlist));
    const hosts = result.stdout.split('\n').map((host) => host.trim());
    const named = hosts.filter((host) => host !== '');
    // For an invalid list scontrol prints nothing and exits 0.
    if (result.code === 0 && named.length > 0) return named;
    throw new SandboxctlError('usage', {
      what: `scontrol cannot read the host list '${hostlist}'`,
      detail: result.stderr.trim().split('\n').at(-1) ?? '',
      hint: 'correct --nodelist or --exclude: a host list is such as node[1-4],node7',
    });
  };
  const jobsOf = async (name: string | null, tag?: typeof tagOf) => {
    const mark = randomBytes(8).toString('hex');
    const printed = await ask(argv.squeueArgv(deps.uid, name, squeueFormat(mark)));
    return { printed, answer: parseSqueue(printed, mark, tag) };
  };
  const hosts = (list: string) => hostsOf(list).catch(() => [list]);
  const reservationsIn = (stdout: string) =>
    Promise.all(
      parseReservations(stdout).map(async ({ hostlist, ...each }) => ({
        ...each,
        nodes: await hosts(hostlist),
      })),
    );

  return {
    async facts() {
      const [nodes, config] = await Promise.all([
        must(argv.sinfoArgv(), (stdout) => parse.parseSinfo(stdout).nodes.length > 0),
        must(argv.configArgv(), (stdout) => /^\w+\s*=/m.test(stdout)),
      ]);
      return { ...parse.parseSinfo(nodes), ...parse.parseConfig(config) };
    },
    async partition(name) {
      const shown = await ask(argv.partitionArgv(name));
      return shown.code === 0 ? parse.parsePartition(shown.stdout) : undefined;
    },
    async ping() {
      const { code, stdout, stderr } = await ask(argv.pingArgv(), PING_MS);
      // Of several controllers one is enough; and an older scontrol says DOWN with exit code 0.
      const up = code === 0 && /\bUP\b/.test(stdout);
      return { ok: up, detail: firstWords(up ? stdout : `${stderr}\n${stdout}`) };
    },
    async policy() {
      const outputOf = async (words: string[]) => {
        const { code, stdout } = await ask(words).catch(() => ({ code: null, stdout: '' }));
        return code === 0 ? stdout : '';
      };
      const [config, partitions, reservations, accounts] = await Promise.all([
        outputOf(argv.configArgv()),
        outputOf(argv.partitionsArgv()),
        outputOf(argv.reservationsArgv()),
        // A user id without a name has no account either.
        (async () => ask(argv.accountsArgv(userInfo().username)))().catch(() => undefined),
      ]);
      const [reserved, parts] = await Promise.all([
        reservationsIn(reservations),
        Promise.all(
          parsePartitions(partitions).map(async ({ submitFrom, ...each }) => ({
            ...each,
            submitFrom: submitFrom === null ? null : await hosts(submitFrom),
          })),
        ),
      ]);
      return {
        ...parsePolicy(config),
        partitions: parts,
        reservations: reserved,
        accounts: accounts?.code === 0 ? parseAccounts(accounts.stdout) : null,
      };
    },
    async partitionNames() {
      const answer = await ask(argv.partitionNamesArgv(), KEYBOARD_MS).catch(() => undefined);
      return answer?.code === 0 ? answer.stdout.split('\n').filter((name) => name !== '') : [];
    },
    async startsContainers() {
      // `srun --help` works without the controller. A machine without srun may still submit to nodes that have pyxis.
      const help = await here(argv.srunHelpArgv()).catch(() => undefined);
      return help?.code !== 0 || help.stdout.includes('--container-image');
    },
    async reservations() {
      const shown = await ask(argv.reservationsArgv()).catch(() => undefined);
      return shown?.code === 0 ? reservationsIn(shown.stdout) : [];
    },
    submitArgv: (scriptPath, array) => there(argv.sbatchArgv(scriptPath, array)),
    async submit({ submission, scriptPath, cwd }) {
      const words = there(argv.sbatchArgv(scriptPath, submission.array));
      return parse.parseSbatch(
        await deps.run(words, { env: sbatchEnvironment(deps.env), cwd, timeoutMs: SBATCH_MS }),
      );
    },
    async startsAt(scriptPath, cwd) {
      const env = { ...sbatchEnvironment(deps.env), TZ: 'UTC' };
      const words = there(argv.testArgv(scriptPath));
      const printed = await deps.run(words, { env, cwd, timeoutMs: ANSWER_MS }).catch(() => undefined);
      return printed?.code === 0 ? parse.parseTestOnly(printed.stderr) : null;
    },
    async freeFromNode(jobId) {
      await ask(argv.freeFromNodeArgv(jobId)).catch(() => undefined);
    },
    async list({ fleet }) {
      try {
        const name = fleet === null ? null : jobName(fleet);
        const { printed, answer } = await jobsOf(name);
        // No titles and no error: a temporary failure, which would end `status`.
        const silent = printed.code === 0 && `${printed.stdout}${printed.stderr}`.trim() === '';
        return silent ? (await jobsOf(name)).answer : answer;
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
    async listKeepers(fleet) {
      try {
        return (await jobsOf(keeperJobName(fleet), keeperTagOf)).answer;
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
    async cancel(jobIds) {
      if (jobIds.length === 0) return { ok: true };
      const result = await ask(argv.scancelArgv(jobIds));
      if (result.code === 0 || parse.onlyGone(result.stderr)) return { ok: true };
      return {
        ok: false,
        detail: parse.errorLine(result.stderr) ?? `scancel ended with code ${result.code}`,
      };
    },
    async endings(jobIds) {
      const wanted = [...jobIds];
      if (wanted.length === 0) return new Map();
      const accounted = await ask(argv.sacctArgv(wanted)).catch(() => undefined);
      const ends =
        accounted?.code === 0
          ? parse.parseSacct(parse.ownLines(accounted.stdout))
          : new Map<string, JobEnd>();
      for (const arrayId of new Set(wanted.map((id) => id.split('_')[0] ?? id))) {
        const shown = await ask(argv.jobArgv(arrayId)).catch(() => undefined);
        // The controller's state first: accounting lags, and may still report PENDING.
        for (const [id, end] of shown?.code === 0
          ? parse.parseScontrolJobs(parse.ownLines(shown.stdout))
          : [])
          ends.set(id, end);
      }
      return ends;
    },
    async script(jobId) {
      // Slurm 22.05 sometimes prints the script and exits 1: the spec line decides.
      const result = await ask(argv.scriptArgv(jobId)).catch(() => undefined);
      return result?.stdout.includes('sandboxctl-spec') ? result.stdout : undefined;
    },
    async ownJob() {
      const { SLURM_JOB_ID: id, SLURM_JOB_NODELIST: nodes, SLURM_STEP_NUM_TASKS: tasks = '1' } = deps.env;
      if (id === undefined || nodes === undefined || tasks !== '1') return undefined;
      const own = deps.env.SLURMD_NODENAME;
      return { id, others: (await hostsOf(nodes)).filter((host) => host !== own) };
    },
    async runOnOtherNodes({ id, others }, program, { signal, onLine }) {
      const { stderr } = await deps.run(argv.srunOverlapArgv(id, others, program), {
        ...{ env, signal, onLine, keepBytes: 10_000 },
      });
      return parse.errorLine(stderr) ?? firstWords(stderr);
    },
    async runOneOff(job, program, input) {
      const { maxWait = MAX_WAIT_S } = job;
      const result = await deps.run(there(argv.srunOneOffArgv(job, program, maxWait)), {
        env: sbatchEnvironment(deps.env),
        input,
        timeoutMs: (maxWait + MAX_RUN_S) * 1000,
      });
      if (result.code === 0) return { ok: true, stdout: result.stdout };
      const late = result.timedOut ? `no node was free within ${maxWait} s` : '';
      return { ok: false, detail: parse.errorWords(result.stderr) ?? (late || firstWords(result.stderr)) };
    },
    runNamedJob: (job, program, options) => runNamedJob(deps, job, program, options),
    cancelNamedJob: (name) => cancelNamedJob(deps, name),
    expandHosts: hostsOf,
  };
}
