import { describe, expect, it } from 'vitest';
import { causeOf } from '../../src/failures/job-cause.js';
import { about, ended, failed, READY, RECORDED_ENDS } from './recorded-ends.js';
import { RECORDED } from './recorded-logs/index.js';
import { START } from './recorded-logs/recorded-log.js';

describe('what the log of a job that failed says', () => {
  it.each(RECORDED)('%s', (_what, lines, cause, words, hint) => {
    const found = causeOf(failed(), [START, ...lines], about);
    expect(found.cause).toBe(cause);
    expect(found.words).toMatch(words);
    expect(lines).toContain(found.words);
    expect(found.hint).toMatch(hint);
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
  it.each(RECORDED_ENDS)('%s', (_what, end, lines, cause, words, hint) => {
    const found = causeOf(end, lines, about);
    expect(found).toMatchObject({ cause, words });
    expect(found.hint).toMatch(hint);
  });

  it('tells a log folder that the node does not see from other failed launches', () => {
    const end = ended('FAILED', { reason: 'JobLaunchFailure', exitCode: '0:53' });
    expect(causeOf(end, [], { ...about, logFound: false })).toEqual({
      id: 'log-not-writable',
      cause: 'Slurm could not launch it (JobLaunchFailure): its log cannot be written on node node1',
      words: '',
      hint: 'put the log into a folder that the nodes see: config key output; if the folder was created just now, run the same deploy again',
    });
    expect(causeOf(end, [], about).hint).toMatch(/--exclude node1/);
  });
});
