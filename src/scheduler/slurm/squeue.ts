import type { JobFact, ListAnswer } from '../../fleet/job-facts.js';
import { type JobTag, tagOf } from '../../fleet/names.js';
import { reasonAmong } from '../../fleet/pending-reasons.js';
import { errorLine, localTime, type Printed, parseLength } from './parse.js';

const FIELDS = ['%i', '%K', '%T', '%N', '%r', '%L', '%M', '%S', '%P', '%o', '%k'] as const;
const FIRST_TITLE = 'JOBID';

/** `123`, or `123_4` for an element of an array. */
const JOB_ID = /^\d+(_\d+)?$/;
/** An unknown user: squeue exits 0 and lists no jobs. */
const UNKNOWN_USER = /^squeue: error: Invalid user/m;

/** Names, comments and commands of jobs may hold every byte but NUL, so each call has its own random separator. */
export function squeueFormat(mark: string): string {
  return `${mark}${FIELDS.join(mark)}${mark}`;
}

/**
 * Parses our jobs in an answer to `squeueFormat(mark)`. A successful answer has exit code 0, titles and complete
 * records: an incomplete one would lose jobs. Lines of a wrapper between records, and stderr, are ignored.
 */
export function parseSqueue(printed: Printed, mark: string, tag: TagOf = tagOf): ListAnswer {
  const bad = (words: string): ListAnswer => ({ ok: false, detail: words });
  if (printed.timedOut === true) return bad('squeue gave no answer in time');
  const wrong = errorLine(printed.stderr);
  if (printed.code !== 0) return bad(wrong ?? `squeue ended with code ${printed.code}`);
  const records = recordsOf(printed.stdout, mark);
  if (records === undefined) return bad('squeue was cut off in the middle of its answer');
  const [titles, ...rows] = records;
  if (titles?.[0] !== FIRST_TITLE) {
    return bad(wrong ?? `squeue printed what is none of its own: ${printed.stdout.trim().slice(0, 120)}`);
  }
  if (rows.length === 0 && UNKNOWN_USER.test(printed.stderr)) return bad(wrong ?? printed.stderr);
  const jobs: JobFact[] = [];
  for (const row of rows) {
    const job = jobOf(row, tag);
    if (job === null)
      return bad(`squeue printed a job that is none of its own: ${row.slice(0, 3).join(' ')}`);
    if (job !== undefined) jobs.push(job);
  }
  return { ok: true, jobs };
}

type TagOf = (comment: string, script: string) => JobTag | undefined;

/** Undefined if one is cut. */
function recordsOf(stdout: string, mark: string): string[][] | undefined {
  const pieces = stdout.split(mark);
  const size = FIELDS.length + 1;
  const [count, rest] = [Math.floor(pieces.length / size), pieces.length % size];
  const ended = pieces.at(-1)?.startsWith('\n') && stdout.endsWith('\n');
  if (rest !== 1 || (count > 0 && !ended)) return undefined;
  return Array.from({ length: count }, (_, at) => pieces.slice(at * size + 1, (at + 1) * size));
}

/** Undefined for other jobs; null for one of ours that cannot be parsed. */
function jobOf(row: readonly string[], tagOf: TagOf): JobFact | null | undefined {
  const [id = '', task, state = '', node = '', reason = '', left = '', elapsed = ''] = row;
  const [start = '', partitions = '', script = '', comment = ''] = row.slice(7);
  const tag = tagOf(comment, script);
  if (tag === undefined) return undefined;
  if (!JOB_ID.test(id) || !/^[A-Z_]+$/.test(state)) return null;
  return {
    id,
    task: id.includes('_') ? Number(task) : null,
    tag,
    state,
    reason: reason === 'None' ? '' : reasonAmong(partitions, reason),
    node,
    timeLeft: parseLength(left),
    elapsed: parseLength(elapsed) ?? 0,
    startTime: localTime(start),
    script,
  };
}
