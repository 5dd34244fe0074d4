import { describe, expect, it } from 'vitest';
import { causeOf, type JobAbout } from '../../src/failures/job-cause.js';
import { SIGNS } from '../../src/failures/jobs/index.js';
import type { JobEnd } from '../../src/fleet/job-facts.js';
import { RECORDED, START } from './recorded-logs.js';

const READY = 'sandboxctl: ready on node1:8080';
const about: JobAbout = { image: '/img/a.sqsh', port: 8080, logFound: true };
const failed = (exitCode = '1:0', node: string | null = 'node1'): JobEnd => ({
  state: 'FAILED',
  reason: 'NonZeroExitCode',
  exitCode,
  node,
});
const ended = (state: string, more: Partial<JobEnd> = {}): JobEnd => ({
  state,
  reason: '',
  exitCode: null,
  node: 'node1',
  ...more,
});

describe('what the log of a job that failed says', () => {
  it.each(RECORDED)('%s', (_what, lines, cause, words, hint) => {
    const found = causeOf(failed(), [START, ...lines], about);
    expect(found.cause).toBe(cause);
    expect(found.words).toMatch(words);
    expect(lines).toContain(found.words);
    expect(found.hint).toMatch(hint);
  });

  it('has a line for every sign', () => {
    const unseen = SIGNS.filter(
      ({ pattern }) => !RECORDED.some(([, lines]) => lines.some((l) => pattern.test(l))),
    );
    expect(unseen).toEqual([]);
  });

  it('is read from the last start on, and after the last port that was taken', () => {
    const lines = [
      START,
      "ModuleNotFoundError: No module named 'old'",
      START,
      'OSError: [Errno 98] Address already in use',
      'sandboxctl: port 8080 was taken on node1 while the server started',
      "RuntimeError: Directory '/root/sandbox/docs/build' does not exist",
    ];
    expect(causeOf(failed(), lines, about).cause).toMatch(/docs\/build/);
  });

  it('is not what the programs of a server that was ready print', () => {
    const lines = [START, READY, "ModuleNotFoundError: No module named 'theirs'", 'No space left on device'];
    expect(causeOf(failed('137:0'), lines, about)).toMatchObject({
      cause: 'its server was ended by SIGKILL',
      words: '',
    });
    const killed = 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0.';
    expect(causeOf(failed('137:0'), [...lines, killed], about).words).toBe(killed);
  });

  it('names no node where nobody knows it', () => {
    const line = "srun: unrecognized option '--container-image=/img/a.sqsh'";
    expect(causeOf(failed('255:0', null), [line], about).cause).toMatch(/^its node has no pyxis/);
  });

  it('is quoted in a length that can be read', () => {
    const line = `ModuleNotFoundError: No module named '${'x'.repeat(100_000)}`;
    expect(causeOf(failed(), [line], about).words.length).toBeLessThanOrEqual(500);
  });
});

describe('what the state of a job says', () => {
  const cancelled = 'slurmstepd-node1: error: *** JOB 1 ON node1 CANCELLED AT 2026-11-22T22:53:23 ***';
  it.each<[string, JobEnd, string[], string, string, RegExp]>([
    ['out of memory', ended('OUT_OF_MEMORY'), [], 'it needed more memory than the job has', '', /--mem/],
    ['time limit', ended('TIMEOUT'), [], 'its time limit ended', '', /--time/],
    ['preempted', ended('PREEMPTED'), [], 'it was preempted by another job', '', /--qos/],
    ['cancelled', ended('CANCELLED'), [READY, cancelled], 'it was cancelled', cancelled, /deploy/],
    [
      'cancelled by',
      ended('CANCELLED by 2000'),
      [],
      'it was cancelled by the user with id 2000',
      '',
      /deploy/,
    ],
    ['deadline', ended('DEADLINE'), [], 'its deadline came', '', /--sbatch-arg/],
    ['boot', ended('BOOT_FAIL'), [], 'node node1 did not boot', '', /--exclude node1/],
    [
      'node failure',
      ended('NODE_FAIL', { reason: 'NodeDown' }),
      [READY, 'srun: error: Node failure on node1'],
      'node node1 failed',
      'srun: error: Node failure on node1',
      /--exclude node1/,
    ],
    ['a reason only', ended('FAILED', { reason: 'NodeDown' }), [], 'node node1 failed', '', /--exclude/],
    [
      'constraints',
      ended('FAILED', { reason: 'BadConstraints' }),
      [],
      'Slurm could not run it: BadConstraints',
      '',
      /--constraint/,
    ],
    ['exit 72', failed('72:0'), [], 'node node1 has nothing to run the server with', '', /--runtime/],
    [
      'exit 73',
      failed('73:0'),
      [],
      'node node1 has no disk of its own to unpack the image on',
      '',
      /--exclude/,
    ],
    ['exit 78', failed('78:0'), [], 'the state folder is not visible on node node1', '', /STATE_DIR/],
    ['exit 98', failed('98:0'), [], 'no port that the job may use is free on node node1', '', /--port/],
    ['exit 7', failed('7:0'), [], 'its server ended with exit code 7', '', /logs/],
    ['a signal', failed('0:9'), [], 'its server was ended by SIGKILL', '', /logs/],
    ['TERM', failed('143:0'), [], 'its server was ended by SIGTERM', '', /logs/],
    [
      'no error',
      ended('COMPLETED', { exitCode: '0:0' }),
      [],
      'its server ended by itself, without an error',
      '',
      /logs/,
    ],
    ['nobody knows', ended(''), [], 'it ended, and Slurm no longer knows how', '', /logs/],
    ['it runs', ended('RUNNING'), [START], 'its job runs, but its server is not ready', '', /logs -f/],
  ])('%s', (_what, end, lines, cause, words, hint) => {
    const found = causeOf(end, lines, about);
    expect(found).toMatchObject({ cause, words });
    expect(found.hint).toMatch(hint);
  });

  it('tells a log folder that the node does not see from other failed launches', () => {
    const end = ended('FAILED', { reason: 'JobLaunchFailure', exitCode: '0:53' });
    expect(causeOf(end, [], { ...about, logFound: false })).toEqual({
      cause: 'Slurm could not launch it (JobLaunchFailure): its log cannot be written on node node1',
      words: '',
      hint: 'put the log into a folder that the nodes see: config key output; if its folder was made just now, the same deploy again may do',
    });
    expect(causeOf(end, [], about).hint).toMatch(/--exclude node1/);
  });
});
