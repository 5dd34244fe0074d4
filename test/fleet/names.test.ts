import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFleetName, jobName, parseComment, renderComment, tagOf } from '../../src/fleet/names.js';

describe('a fleet’s name', () => {
  it.each(['sandbox', 'a', '0', 'team-2', 'x'.repeat(32)])('may be %s', (name) => {
    expect(checkFleetName(name)).toBe(name);
    expect(jobName(name)).toBe(`sandboxctl-${name}`);
  });

  it.each(['', '-a', 'A', 'a_b', 'a.b', 'a/b', '..', 'a b', 'é', 'a\n', 'x'.repeat(33)])(
    'may not be %j',
    (name) => {
      expect(() => checkFleetName(name)).toThrow(/no name for a fleet/);
    },
  );
});

describe('a job’s tag', () => {
  const fleet = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/);
  const submission = fc.stringMatching(/^[0-9a-z]{1,20}$/);

  it('survives the way through a comment', () => {
    fc.assert(
      fc.property(fleet, fc.nat(), submission, (name, generation, id) => {
        const tag = { fleet: name, generation, submission: id };
        expect(parseComment(renderComment(tag))).toEqual(tag);
        expect(parseComment(` ${renderComment(tag)}\n`)).toEqual(tag);
      }),
    );
  });

  it.each([
    '',
    '(null)',
    'sandboxctl',
    'sandboxctl:sandbox:1:',
    'sandboxctl:sandbox:x:abc',
    'sandboxctl:sandbox:1:abc|more',
    'sandboxctl:../x:1:abc',
    'my sandboxctl:sandbox:1:abc',
  ])('is not in the comment %j', (comment) => {
    expect(parseComment(comment)).toBeUndefined();
  });

  it('comes from the script’s path where a site rewrites comments', () => {
    const script = '/home/me/.local/state/sandboxctl/fleets/team-2/submissions/abc9/script.sbatch';
    const byPath = { fleet: 'team-2', generation: 0, submission: 'abc9' };
    expect(tagOf('account=x', script)).toEqual(byPath);
    expect(tagOf('sandboxctl:other:4:id', script)).toEqual({
      fleet: 'other',
      generation: 4,
      submission: 'id',
    });
    expect(tagOf('', '/home/me/fleets/team-2/submissions/abc9/other.sbatch')).toBeUndefined();
    expect(tagOf('', '(null)')).toBeUndefined();
  });
});
