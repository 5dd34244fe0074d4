import type { JobEnd } from '../fleet/job-facts.js';
import { byExitCode, byReason, byState, type Found } from './job-state.js';
import { SIGNS } from './jobs/index.js';
import type { Sign } from './rule.js';

/** Why a job is gone. */
export interface Cause {
  /** One line for a person. */
  cause: string;
  /** The line of the tool that says it, verbatim; empty where none does. */
  words: string;
  /** What to do: names a command, a flag or a config key. */
  hint: string;
  /** The node lacks what the runtime needs. */
  lacks?: true;
}

export interface JobAbout {
  /** Path of the image. */
  image: string;
  /** Path of the SandboxFusion checkout that the server runs from, where it does. */
  checkout?: string | undefined;
  /** The port that the job tried first, or registered. */
  port: number;
  /** Whether a log file was there to read. */
  logFound: boolean;
}

/** A log's line may be megabytes; this much of it is enough to read. */
const LONGEST_WORDS = 500;

/**
 * Why a job ended: from the scheduler's state where that says it, else from its log, else from the
 * scheduler's reason and exit code. `logTail` are the log's last lines, oldest first; `end.state` may be
 * empty where nobody knows any more.
 */
export function causeOf(end: JobEnd, logTail: readonly string[], about: JobAbout): Cause {
  const lines = sinceLastStart(logTail);
  const found =
    byState(end, lines) ??
    bySign(lines, about.checkout !== undefined) ??
    byReason(end, about.logFound) ??
    byExitCode(end);
  const node = end.node ?? nodeIn(lines);
  const names: Record<string, string> = {
    image: about.image,
    checkout: about.checkout ?? '',
    port: String(about.port),
    node: node ?? 'NODE',
    ...found.groups,
  };
  const fill = (text: string) =>
    (node === undefined ? text.replaceAll('node {node}', 'its node') : text).replace(
      /\{(\w+)\}/g,
      (_, name: string) => names[name] ?? '',
    );
  return {
    cause: fill(found.cause),
    words: (found.words ?? '').trimEnd().slice(0, LONGEST_WORDS),
    hint: fill(found.hint),
    ...(found.lacks === true ? { lacks: true } : {}),
  };
}

const START_LINE = /^sandboxctl: instance \d+ of fleet \S+ is job \S+ on (\S+) with/;
const STEPD_LINE = /^slurmstepd-(\S+): error: /;
const READY_LINE = /^sandboxctl: ready on /;
const NEXT_PORT_LINE = /^sandboxctl: port \d+ was taken on /;

/** A job that an administrator requeued appends to the log of the run before. */
function sinceLastStart(lines: readonly string[]): readonly string[] {
  return lines.slice(
    Math.max(
      0,
      lines.findLastIndex((line) => START_LINE.test(line)),
    ),
  );
}

function nodeIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const node = START_LINE.exec(line)?.[1] ?? STEPD_LINE.exec(line)?.[1];
    if (node !== undefined) return node;
  }
  return undefined;
}

function bySign(lines: readonly string[], ofCheckout: boolean): Found | undefined {
  const wasReady = lines.some((line) => READY_LINE.test(line));
  const seen = lines.slice(
    1 + lines.findLastIndex((line) => READY_LINE.test(line) || NEXT_PORT_LINE.test(line)),
  );
  for (const sign of SIGNS) {
    if (wasReady && sign.running !== true) continue;
    for (const line of seen) {
      const match = sign.pattern.exec(line.slice(0, LONGEST_WORDS).trimEnd());
      if (match !== null) return fromSign(ofCheckout ? { ...sign, ...sign.ofCheckout } : sign, match, line);
    }
  }
  return undefined;
}

function fromSign({ cause, hint, lacks }: Sign, match: RegExpExecArray, line: string): Found {
  const groups = Object.fromEntries(match.slice(1).map((group, at) => [String(at + 1), group ?? '']));
  return { cause, hint, words: line, groups, lacks };
}
