import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSqueue, squeueFormat } from '../../src/scheduler/slurm/squeue.js';

const MARK = '5f2c90';
const SCRIPT = '/home/sbx/.local/state/sandboxctl/fleets/sandbox/submissions/m1abc/script.sbatch';
const COMMENT = 'sandboxctl:sandbox:3:m1abc';

const TITLES =
  'JOBID ARRAY_TASK_ID STATE NODELIST REASON TIME_LEFT TIME START_TIME PARTITION COMMAND COMMENT'.split(' ');
const RUNNING = {
  id: '1000_0',
  task: '0',
  state: 'RUNNING',
  node: 'node1',
  reason: 'None',
  left: '3-23:59:12',
  time: '0:48',
  start: '2026-11-22T22:53:23',
  partition: 'cpuonly',
  script: SCRIPT,
  comment: COMMENT,
};
type Shown = Partial<typeof RUNNING>;

const record = (fields: readonly string[]) => `${MARK}${fields.map((text) => `${text}${MARK}`).join('')}\n`;
const shown = (job: Shown) => record(Object.values({ ...RUNNING, ...job }));
const printed = (...jobs: Shown[]) => `${record(TITLES)}${jobs.map(shown).join('')}`;

function answer(stdout: string, stderr = '', code: number | null = 0, timedOut = false) {
  return parseSqueue({ code, stdout, stderr, timedOut }, MARK);
}
function jobsIn(stdout: string, stderr = '') {
  const told = answer(stdout, stderr);
  if (!told.ok) throw new Error(told.detail);
  return told.jobs;
}
const good = (...jobs: Shown[]) => jobsIn(printed(...jobs));
function words(...args: Parameters<typeof answer>) {
  const told = answer(...args);
  return told.ok ? undefined : told.detail;
}

const NOTE = 'squeue: error: Ignoring ControlMachine since SlurmctldHost is set.';

describe('a job in the answer of squeue', () => {
  it('is a running element of an array', () => {
    expect(good({})).toEqual([
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

  const pending = { state: 'PENDING', node: '', reason: 'Resources', time: '0:00', start: 'N/A' };

  it('is a pending one: no node, times that nobody knows, a reason', () => {
    expect(good({ ...pending, id: '1000_3', task: '3', left: '4-00:00:00' })[0]).toMatchObject({
      node: '',
      reason: 'Resources',
      elapsed: 0,
      timeLeft: 345_600,
      startTime: null,
    });
  });

  it('has reasons with blanks, commas and parentheses, and limits that are none', () => {
    const reason = 'Nodes required for job are DOWN, DRAINED (or reserved), site|note';
    expect(good({ ...pending, reason, left: 'UNLIMITED' })[0]).toMatchObject({ reason, timeLeft: null });
    expect(good({ ...pending, reason, left: 'INVALID' })[0]?.timeLeft).toBeNull();
  });

  it('in several partitions has a reason of one of them, unless it is its own', () => {
    const reasonOf = (reason: string) => good({ ...pending, partition: 'cpu,short', reason })[0]?.reason;
    expect(reasonOf('PartitionTimeLimit')).toBe('one of cpu,short: PartitionTimeLimit');
    expect(reasonOf('BadConstraints')).toBe('one of cpu,short: BadConstraints');
    expect(reasonOf('Resources')).toBe('Resources');
    expect(reasonOf('JobHeldUser')).toBe('JobHeldUser');
    expect(reasonOf('launch failed requeued held')).toBe('launch failed requeued held');
  });

  it.each(['SUSPENDED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD', 'NODE_FAIL', 'OUT_OF_MEMORY', 'STAGE_OUT'])(
    'may be %s',
    (state) => expect(good({ state })[0]?.state).toBe(state),
  );

  it('is a plain job, whose task is N/A', () => {
    const plain = { id: '1004', task: 'N/A', state: 'COMPLETING', left: '9:00', time: '1:00' };
    expect(good(plain)[0]).toMatchObject({
      ...{ id: '1004', task: null, state: 'COMPLETING', timeLeft: 540, elapsed: 60 },
    });
  });

  it('is found by its script where a site adds to its comment', () => {
    const [job] = good({ comment: `${COMMENT}|project=x\nsecond line` });
    expect(job?.tag).toEqual({ fleet: 'sandbox', generation: 0, submission: 'm1abc' });
  });

  it('of the user’s other jobs is left out, whatever kind of job it is', () => {
    const other = { script: '/home/sbx/train.sh', comment: '(null)' };
    const others = ['1010', '1011+0', '1011+1', '1012_[4-5%6]', '67108876'].map((id) => ({ ...other, id }));
    expect(good(...others, {}).map((job) => job.id)).toEqual(['1000_0']);
  });

  it('of another fleet, or of nobody, may hold whatever Slurm lets in: lines, bars, all control characters', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map((each) => each.replaceAll('\0', ''));
    fc.assert(
      fc.property(text, text, text, (comment, script, reason) => {
        const odd = { id: '77', comment: `site\n${comment}`, script: `/${script}\n1000_0|`, reason };
        expect(good({}, odd, { id: '1000_1', task: '1' }).map((job) => job.id)).toEqual(['1000_0', '1000_1']);
      }),
      { numRuns: 50 },
    );
  });
});

describe('an answer is good', () => {
  it('when it has titles alone: the user has no jobs', () => {
    expect(good()).toEqual([]);
    expect(jobsIn(printed(), `${NOTE}\n`)).toEqual([]);
  });

  it('when its tool prints an error beside it', () => {
    expect(jobsIn(printed({}), `${NOTE}\n`)).toHaveLength(1);
    expect(jobsIn(printed({}), 'squeue: warning: can not load PMIx library\n')).toHaveLength(1);
  });

  it('when a site’s wrapper prints lines around it', () => {
    const stdout = `Welcome!\n1000|x\nCLUSTER: west\n${printed({})}see https://wiki\n${shown({ id: '1000_1' })}`;
    expect(jobsIn(stdout).map((job) => job.id)).toEqual(['1000_0', '1000_1']);
    expect(words(`${stdout}bye\n`)).toBeUndefined();
  });
});

describe('an answer is none, and its words are kept,', () => {
  it.each([
    'slurm_load_jobs error: Unable to contact slurm controller (connect failure)',
    'slurm_load_jobs error: Socket timed out on send/recv operation',
    'squeue: fatal: Could not establish a configuration source',
    'squeue: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory',
  ])('when squeue says: %s', (line) => {
    expect(words('', `${line}\n`, 1)).toBe(line);
    expect(words('', `${NOTE}\n${line}\n`, 1)).toBe(line);
    // So do wrappers that lose its exit code.
    expect(words('', `${NOTE}\n${line}\n`, 0)).toBe(line);
  });

  it('when it ends with 1 and says nothing, or by a signal', () => {
    expect(words(printed({}), '', 1)).toBe('squeue ended with code 1');
    expect(words(printed({}), '', null)).toBe('squeue ended with code null');
  });

  it('when it does not know the user, and prints titles over nothing', () => {
    const line = 'squeue: error: Invalid user: 54321';
    expect(words(printed(), `${NOTE}\n${line}\n\n`)).toBe(line);
  });

  it('when it was given up', () => {
    expect(words('', '', null, true)).toBe('squeue gave no answer in time');
  });

  it.each([
    ['nothing', ''],
    ['a banner', 'Welcome to the cluster!\n'],
    ['other titles', '  JOBID PARTITION     NAME     USER ST       TIME  NODES NODELIST(REASON)\n'],
    ['JSON', '{"jobs": []}\n'],
    ['garbage', '\u0001\ufffd\n'],
    ['jobs without titles', shown({})],
    ['a state that is none', printed({ state: 'run ning' })],
    ['an array of ours that was not taken apart', printed({ id: '1000_[0-3]' })],
  ])('when it is %s', (_, stdout) => {
    expect(words(stdout)).toMatch(/none of its own/);
  });

  it('when it is cut off anywhere but between two jobs', () => {
    const whole = printed({}, { id: '1000_1', comment: 'a\nb' }, { id: '1000_2' });
    const ends = [1, 2, 3].map((count) =>
      printed(...[{}, { id: '1000_1', comment: 'a\nb' }].slice(0, count - 1)),
    );
    for (let length = 0; length < whole.length; length++) {
      const told = answer(whole.slice(0, length));
      expect(told.ok).toBe(ends.some((end) => end.length === length));
    }
  });
});

it('the format asks for each field behind the mark, and no mark of another call', () => {
  expect(squeueFormat('M')).toBe('M%iM%KM%TM%NM%rM%LM%MM%SM%PM%oM%kM');
});
