export interface PatternNames {
  jobId: string;
  slot: string;
  jobName: string;
  user: string;
  node: string | null;
}

export const UNKNOWN = '\0';

/** A log path pattern with Slurm's %-names filled in; unknown ones become NUL. */
export function expand(pattern: string, names: PatternNames): string {
  const [base = '', task] = names.jobId.split('_');
  const values: Record<string, string | number | undefined> = {
    '%': '%',
    A: base,
    a: task ?? names.slot,
    b: Number(task ?? names.slot) % 10,
    // An element of an array has a number of its own that only Slurm knows.
    j: task === undefined ? base : undefined,
    N: names.node ?? undefined,
    u: names.user,
    x: names.jobName,
  };
  return pattern.replace(/%(\d*)([%AabJjNnstux])/g, (_, width: string, letter: string) => {
    const value = values[letter];
    if (value === undefined) return UNKNOWN;
    return typeof value === 'number' || /^[Aabj]$/.test(letter)
      ? String(value).padStart(Math.min(Number(width), 10), '0')
      : value;
  });
}

export function showPattern(pattern: string, names: PatternNames): string {
  return expand(pattern, names).replaceAll(UNKNOWN, '*');
}

export function fillPattern(pattern: string, names: PatternNames): string {
  return expand(pattern, names).replaceAll(UNKNOWN, names.jobId);
}
