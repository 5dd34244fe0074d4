import { describe, expect, it } from 'vitest';
import { parseSbatch } from '../../src/scheduler/slurm/parse.js';

function kindOf(code: number | null, stderr: string, stdout = '', timedOut = false): string {
  return parseSbatch({ code, stdout, stderr, timedOut }).kind;
}

describe('sbatch --parsable', () => {
  it.each([
    ['1000\n', '1000'],
    ['1000;cluster\n', '1000'],
    ['a site says hello\n1000\n', '1000'],
  ])('that prints %j has submitted job %s', (stdout, jobId) => {
    expect(parseSbatch({ code: 0, stdout, stderr: '' })).toEqual({ kind: 'submitted', jobId });
  });

  it('with a number of somebody else’s beside the id may have submitted either', () => {
    expect(kindOf(0, '', 'remaining hours:\n250\n1000\n')).toBe('unsure');
    expect(kindOf(0, '', 'account a: 250 h\n  1000\r\nbye\n')).toBe('submitted');
  });

  it('may warn and submit', () => {
    expect(kindOf(0, 'sbatch: error: Ignoring ControlMachine since SlurmctldHost is set.\n', '1000\n')).toBe(
      'submitted',
    );
    expect(kindOf(0, 'sbatch: warning: the partition is busy\n', '1000\n')).toBe('submitted');
  });
});

const failed = 'sbatch: error: Batch job submission failed: ';

describe('sbatch refuses, in its own words,', () => {
  it.each([
    [1, `sbatch: error: invalid partition specified: nope\n${failed}Invalid partition name specified`],
    [255, 'sbatch: error: Invalid --time specification'],
    [1, `${failed}Invalid account or account/partition combination specified`],
    [1, `${failed}Invalid node name specified`],
    [
      1,
      `sbatch: error: CPU count per node can not be satisfied\n${failed}Requested node configuration is not available`,
    ],
    [1, 'sbatch: error: Invalid generic resource (gres) specification'],
    [1, `${failed}Required partition not available (inactive or drain)`],
    [1, `${failed}User's group not permitted to use this partition`],
    [1, 'sbatch: error: invalid number of nodes (-N 2-1)'],
    [1, 'sbatch: error: Batch script contains DOS line breaks (\\r\\n)'],
    [255, 'sbatch: unrecognized option \'--bogus\'\nTry "sbatch --help" for more information'],
    [1, 'sbatch: fatal: Could not establish a configuration source'],
    // What a plugin says before is not sbatch's verdict.
    [1, `sbatch: error: mail: Connection refused\n${failed}Invalid qos specification`],
    [1, `${failed}Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)`],
  ])('with code %i: %s', (code, stderr) => {
    expect(parseSbatch({ code, stdout: '', stderr: `${stderr}\n` })).toEqual({
      kind: 'refused',
      detail: stderr,
    });
  });
});

describe('nobody knows whether it was submitted', () => {
  it.each([
    ['a hung controller', 1, `${failed}Socket timed out on send/recv operation`],
    ['a controller that went away', 1, `${failed}Unable to contact slurm controller (connect failure)`],
    ['an answer without content', 1, `${failed}Zero Bytes were transmitted or received`],
    ['a controller that takes over', 1, `${failed}Slurm backup controller in standby mode`],
    ['a munge that is away', 1, `${failed}Protocol authentication error`],
    ['a kill', null, ''],
    ['a kill inside a wrapper', 137, 'Killed'],
    ['a termination inside a wrapper', 143, ''],
    ['an answer that is no id', 0, ''],
  ])('after %s', (_, code, stderr) => {
    expect(kindOf(code, `${stderr}\n`)).toBe('unsure');
  });

  it('after garbage, or an id but a failure', () => {
    expect(kindOf(0, '', 'Submitted batch job\n')).toBe('unsure');
    expect(kindOf(0, '', '10 00\n')).toBe('unsure');
    expect(kindOf(null, '', '1000\n')).toBe('unsure');
    expect(kindOf(1, 'wrapper: no quota left\n', '1000\n')).toBe('unsure');
  });

  it('after our own timeout, whatever it says', () => {
    expect(kindOf(1, 'sbatch: error: interrupted\n', '', true)).toBe('unsure');
  });

  it('and there are words for it', () => {
    expect(parseSbatch({ code: null, stdout: '', stderr: '' })).toEqual({
      kind: 'unsure',
      detail: 'sbatch gave no clear answer',
    });
  });
});
