/** What is known of a job for the names in its log's path. */
export interface PatternNames {
  /** As `squeue -r` prints it: `123`, or `123_4` for an element of an array. */
  jobId: string;
  /** What stands for %a in a plain job: an instance's number, or `gateway`. */
  slot: string;
  jobName: string;
  user: string;
  /** Null where nobody knows it. */
  node: string | null;
}

/** Stands where the name is not known; no path holds a NUL. */
export const UNKNOWN = '\0';

/** A log path pattern with Slurm's %-names filled in; what is not known stands as NUL. */
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
    // Slurm pads numbers only, to at most 10 digits.
    return typeof value === 'number' || /^[Aabj]$/.test(letter)
      ? String(value).padStart(Math.min(Number(width), 10), '0')
      : value;
  });
}

/** The pattern as a person reads it: what is not known is a `*`. */
export function showPattern(pattern: string, names: PatternNames): string {
  return expand(pattern, names).replaceAll(UNKNOWN, '*');
}

/** The path that the pattern means for a job of which all is known; an element's own number is its id. */
export function fillPattern(pattern: string, names: PatternNames): string {
  return expand(pattern, names).replaceAll(UNKNOWN, names.jobId);
}
