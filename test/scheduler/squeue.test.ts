import { describe, expect, it } from 'vitest';
import { parseSqueue } from '../../src/scheduler/slurm/parse.js';

const SCRIPT = '/home/sbx/.local/state/sandboxctl/fleets/sandbox/submissions/m1abc/script.sbatch';
const COMMENT = 'sandboxctl:sandbox:3:m1abc';
const RUNNING = `1000_0|0|RUNNING|node1|None|3-23:59:12|0:48|2026-11-22T22:53:23|${SCRIPT}|${COMMENT}`;

function good(...lines: string[]) {
  const answer = parseSqueue({ code: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' });
  if (!answer.ok) throw new Error(answer.words);
  return answer.jobs;
}

function bad(printed: { code?: number | null; stdout?: string; stderr?: string; timedOut?: boolean }) {
  const answer = parseSqueue({ code: 0, stdout: '', stderr: '', ...printed });
  return answer.ok ? undefined : answer.words;
}

describe('a line of squeue', () => {
  it('is a running element of an array', () => {
    expect(good(RUNNING)).toEqual([
      {
        id: '1000_0',
        task: 0,
        tag: { fleet: 'sandbox', generation: 3, submission: 'm1abc' },
        state: 'RUNNING',
        reason: '',
        node: 'node1',
        timeLeft: 3 * 86_400 + 23 * 3_600 + 59 * 60 + 12,
        elapsed: 48,
        startTime: new Date('2026-11-22T22:53:23').toISOString(),
        script: SCRIPT,
      },
    ]);
  });

  it('is a pending one: no node, times that nobody knows, a reason', () => {
    expect(good(`1000_3|3|PENDING||Resources|4-00:00:00|0:00|N/A|${SCRIPT}|${COMMENT}`)[0]).toMatchObject({
      node: '',
      reason: 'Resources',
      elapsed: 0,
      timeLeft: 345_600,
      startTime: null,
    });
  });

  it('has reasons with blanks and commas, and limits that are none', () => {
    const reason =
      'Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions';
    const line = `1000_1|1|PENDING||${reason}|UNLIMITED|0:00|N/A|${SCRIPT}|${COMMENT}`;
    expect(good(line)[0]).toMatchObject({ reason, timeLeft: null });
    expect(good(line.replace('UNLIMITED', 'INVALID'))[0]?.timeLeft).toBeNull();
  });

  it('is a plain job, whose task is N/A', () => {
    expect(good(`1004|N/A|COMPLETING|node2|None|9:00|1:00|N/A|${SCRIPT}|${COMMENT}`)[0]).toMatchObject({
      id: '1004',
      task: null,
      state: 'COMPLETING',
      timeLeft: 540,
      elapsed: 60,
    });
  });

  it('may have a comment with | in it: of others, or ours when a site adds to it', () => {
    const theirs = RUNNING.replace(COMMENT, 'a|b|c').replace(SCRIPT, '/home/sbx/train.sh');
    expect(good(theirs)).toEqual([]);
    expect(good(RUNNING.replace(COMMENT, `${COMMENT}|project=x`))[0]?.tag).toEqual({
      fleet: 'sandbox',
      generation: 0,
      submission: 'm1abc',
    });
  });

  it('of the user’s other jobs is left out, whatever kind of job it is', () => {
    expect(
      good(
        '1010|N/A|RUNNING|node[1-4]|None|UNLIMITED|1:02|2026-11-22T22:53:23|(null)|(null)',
        '1011+0|N/A|RUNNING|node1|None|UNLIMITED|1:02|2026-11-22T22:53:23|/home/sbx/het.sh|(null)',
        '1011+1|N/A|RUNNING|node2|None|UNLIMITED|1:02|2026-11-22T22:53:23|/home/sbx/het.sh|(null)',
        RUNNING,
      ).map((job) => job.id),
    ).toEqual(['1000_0']);
  });
});

describe('an answer is good', () => {
  it('when it is empty', () => expect(good()).toEqual([]));

  it('when only a plugin warns', () => {
    const stderr = 'squeue: warning: can not load PMIx library\n';
    expect(parseSqueue({ code: 0, stdout: `${RUNNING}\n`, stderr }).ok).toBe(true);
  });
});

describe('an answer is none, and its words are kept,', () => {
  it.each([
    'slurm_load_jobs error: Unable to contact slurm controller (connect failure)',
    'slurm_load_jobs error: Socket timed out on send/recv operation',
    'squeue: fatal: Could not establish a configuration source',
    'squeue: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory',
  ])('when squeue ends with 1 and says: %s', (line) => {
    expect(bad({ code: 1, stderr: `${line}\n` })).toBe(line);
  });

  it('when it ends with 1 and says nothing, or by a signal', () => {
    expect(bad({ code: 1 })).toBe('squeue ended with code 1');
    expect(bad({ code: null })).toBe('squeue ended with code null');
  });

  it('when it ends with 0 and an error: an unknown user has no jobs for squeue', () => {
    expect(bad({ stderr: 'squeue: error: Invalid user: nobody2\n' })).toBe(
      'squeue: error: Invalid user: nobody2',
    );
    expect(bad({ stdout: `${RUNNING}\n`, stderr: 'slurm_load_jobs error: Zero Bytes\n' })).toBeDefined();
  });

  it('when it was given up', () => {
    expect(bad({ code: null, timedOut: true })).toBe('squeue gave no answer in time');
  });

  it.each([
    ['a banner', 'Welcome to the cluster!\n'],
    ['a header', 'JOBID|TASK|STATE|NODES|REASON|LEFT|TIME|START|COMMAND|COMMENT\n'],
    ['JSON', '{"jobs": []}\n'],
    ['garbage', '\u0000\u0001\ufffd\n'],
    ['a state that is none', `${RUNNING.replace('RUNNING', 'run ning')}\n`],
    ['an array that was not taken apart', `${RUNNING.replace('1000_0', '1000_[0-3]')}\n`],
    ['too few fields', `${RUNNING.split('|').slice(0, 9).join('|')}\n`],
    ['good lines and a bad one', `${RUNNING}\n${RUNNING.slice(0, 20)}\n`],
  ])('when it is %s', (_, stdout) => {
    expect(bad({ stdout })).toMatch(/none of its own/);
  });

  it('when it is cut off anywhere but at the end of a line', () => {
    const whole = `${RUNNING}\n${RUNNING.replaceAll('1000_0', '1000_1')}\n`;
    for (let length = 1; length < whole.length; length++) {
      const words = bad({ stdout: whole.slice(0, length) });
      if (whole[length - 1] === '\n') expect(words).toBeUndefined();
      else expect(words).toBeDefined();
    }
  });
});
