export const START = 'sandboxctl: instance 0 of fleet sandbox is job 1000_0 on node1 with 96 CPUs';

/** A log of a job as the real tools wrote it, and what is to be found in it. */
export type RecordedLog = [what: string, lines: string[], cause: string, quoted: RegExp, hint: RegExp];
