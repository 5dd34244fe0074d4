import type { JobEnd } from '../fleet/job-facts.js';
import { hintFor, neverStarts } from '../fleet/pending-reasons.js';

/** A cause whose texts may still name {image}, {port}, {node} or a group of a sign's pattern. */
export interface Found {
  cause: string;
  hint: string;
  words?: string | undefined;
  groups?: Record<string, string>;
  lacks?: true | undefined;
}

/** What a job's state alone says, in Slurm's words. `line` is how its log tells the same. */
interface StateCause {
  cause: string;
  hint: string;
  line?: RegExp;
}

const AGAIN = "run 'sandboxctl deploy' again";

const STATES: Readonly<Record<string, StateCause>> = {
  OUT_OF_MEMORY: {
    cause: 'it needed more memory than the job has',
    hint: 'give the jobs more with --mem, or start fewer server processes with --workers',
    line: /oom[-_]kill event|Out Of Memory/i,
  },
  TIMEOUT: {
    cause: 'its time limit ended',
    hint: `${AGAIN}, with a longer --time where the partition allows it`,
    line: /DUE TO TIME LIMIT/,
  },
  NODE_FAIL: {
    cause: 'node {node} failed',
    hint: `${AGAIN}; --exclude {node} keeps the fleet off the node`,
    line: /Node failure on|DUE TO NODE FAILURE/,
  },
  BOOT_FAIL: {
    cause: 'node {node} did not boot',
    hint: `${AGAIN}; --exclude {node} keeps the fleet off the node`,
  },
  PREEMPTED: {
    cause: 'it was preempted by another job',
    hint: `${AGAIN}; another --partition or --qos may not be preempted`,
    line: /DUE TO PREEMPTION/,
  },
  DEADLINE: {
    cause: 'its deadline came',
    hint: 'leave --deadline out of --sbatch-arg',
  },
  REVOKED: {
    cause: 'another cluster of the federation took the job',
    hint: AGAIN,
  },
  CANCELLED: {
    cause: 'it was cancelled',
    hint: `if nobody meant to, ${AGAIN}`,
    line: /\*\*\* (?:JOB|STEP) .*CANCELLED AT/,
  },
};

/** Slurm's exit code of a batch script that slurmd could not launch; 53 is its own, no signal. */
const LAUNCH_FAILED = '0:53';
/** Reasons of the local cluster for ends that no supervisor saw. */
const LOCAL: Readonly<Record<string, Found>> = {
  MachineRestarted: { cause: 'the machine was restarted', hint: `${AGAIN} to start it anew` },
  SupervisorKilled: { cause: 'its supervisor was killed, and nobody saw how it ended', hint: AGAIN },
};
/** What our batch script ends with where its node lacks what the runtime needs. */
const LACKS = 72;
/** The same where files of the state folder are not there, and where no port is free. */
const OWN_CODES: Readonly<Record<number, string>> = {
  66: 'the file with the values of --env is gone from the state folder',
  69: 'node {node} has no address by the endpoint host that was asked for',
  72: 'node {node} has nothing to run the server with',
  73: 'node {node} has no disk of its own to unpack the image on',
  78: 'the state folder is not visible on node {node}',
  98: 'no port that the job may use is free on node {node}',
};
const OWN_HINTS: Readonly<Record<number, string>> = {
  66: "'sandboxctl deploy' with the same --env writes it again",
  69: 'name another with --endpoint-host, or leave it out',
  72: 'its log names what is missing: install it there, or deploy with another --runtime',
  73: 'keep the fleet off the node with --exclude {node}',
  78: 'set SANDBOXCTL_STATE_DIR to a folder on a file system that the nodes share',
  98: 'name others with --port or --port-range',
};
const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** What the scheduler's state says by itself; undefined for FAILED and all that means no more than that. */
export function byState(end: JobEnd, lines: readonly string[]): Found | undefined {
  // sacct says `CANCELLED by 2000`.
  const [word = '', , uid] = end.state.split(' ');
  // What its log says last was before that.
  if (end.reason === 'MachineRestarted') return LOCAL.MachineRestarted;
  const known = STATES[word];
  if (known === undefined) return undefined;
  const { line } = known;
  return {
    cause: uid === undefined ? known.cause : `${known.cause} by the user with id ${uid}`,
    hint: known.hint,
    words: line === undefined ? undefined : lines.findLast((text) => line.test(text)),
  };
}

/** What the scheduler's reason says; undefined where it says no more than that it failed. */
export function byReason({ reason, exitCode }: JobEnd, logFound: boolean): Found | undefined {
  const word = reason.split(/[,\s(]/)[0] ?? '';
  if (word === 'JobLaunchFailure' || exitCode === LAUNCH_FAILED) return launchFailure(logFound);
  if (LOCAL[word] !== undefined) return LOCAL[word];
  if (word === 'NodeDown') return STATES.NODE_FAIL;
  if (word === 'TimeLimit') return STATES.TIMEOUT;
  if (word === 'OutOfMemory') return STATES.OUT_OF_MEMORY;
  if (word === 'SystemFailure' || word === 'Prolog') {
    return { cause: `node {node} could not run it (${word})`, hint: `${AGAIN} with --exclude {node}` };
  }
  return neverStarts(word) ? { cause: `Slurm could not run it: ${reason}`, hint: hintFor(word) } : undefined;
}

/** The one failure that leaves no word anywhere a user can read: slurmd could not open the log. */
function launchFailure(logFound: boolean): Found {
  if (logFound) {
    return {
      cause: 'Slurm could not launch it on node {node} (JobLaunchFailure)',
      hint: `${AGAIN} with --exclude {node}`,
    };
  }
  return {
    cause: 'Slurm could not launch it (JobLaunchFailure): its log cannot be written on node {node}',
    hint: 'put the log into a folder that the nodes see: config key output; if its folder was made just now, the same deploy again may do',
  };
}

/** What is left where nothing else says more. */
export function byExitCode({ state, exitCode }: JobEnd): Found {
  const hint = "read the whole log with 'sandboxctl logs'";
  if (state === 'RUNNING') {
    return {
      cause: 'its job runs, but its server is not ready',
      hint: "follow it with 'sandboxctl logs -f'",
    };
  }
  const [code, signal] = (exitCode ?? '').split(':').map(Number);
  if (exitCode === null || code === undefined || Number.isNaN(code)) {
    const known = state === '' || state === 'UNKNOWN' ? 'Slurm no longer knows how' : `Slurm says ${state}`;
    return { cause: `it ended, and ${known}`, hint };
  }
  const own = OWN_CODES[code];
  if (own !== undefined) {
    return { cause: own, hint: OWN_HINTS[code] ?? hint, ...(code === LACKS ? { lacks: true } : {}) };
  }
  const raised = signal !== undefined && signal > 0 ? signal : code > 128 ? code - 128 : 0;
  if (raised > 0 && SIGNAL_NAMES[raised] !== undefined) {
    return { cause: `its server was ended by ${SIGNAL_NAMES[raised]}`, hint };
  }
  if (code === 0) return { cause: 'its server ended by itself, without an error', hint };
  return { cause: `its server ended with exit code ${code}`, hint };
}
