import { LONGEST_WORDS, matchLines, type RuleMatch } from './match.js';
import { firstWord, pendingRule } from './pending.js';
import { type Facts, type FailureRule, fillTemplate } from './rule.js';
import { EXIT_RULES } from './rules/exit.js';
import { FAILURE_RULES } from './rules/index.js';
import { PREVIOUS_LINES } from './rules/previous-version.js';
import { parseScriptLine } from './script-line.js';

export interface Cause {
  id: string;
  cause: string;
  /** The line of the tool that shows it, verbatim; empty if none does. */
  words: string;
  hint: string;
  /** The node lacks what the runtime needs. */
  missingPrerequisite?: true;
}

interface EndedJob {
  state: string;
  reason: string;
  /** `code:signal`, as Slurm writes it. */
  exitCode: string | null;
  node: string | null;
}

export interface JobAbout {
  image: string;
  checkout?: string | undefined;
  port: number;
  logFound: boolean;
}

interface Found {
  rule: FailureRule;
  line?: string | undefined;
  groups?: Facts;
}

/**
 * By the scheduler's state if that is specific, else by the log (oldest line first), else by reason and exit code.
 */
export function causeOf(end: EndedJob, logTail: readonly string[], about: JobAbout): Cause {
  const lines = sinceLastStart(logTail);
  const found =
    byState(end, lines) ?? byLog(lines) ?? byReason(end, about.logFound) ?? byExitCode(end, about.logFound);
  const { rule } = found;
  const node = found.groups?.node ?? end.node ?? nodeIn(lines);
  const facts = {
    image: about.image,
    checkout: about.checkout,
    port: String(about.port),
    reason: firstWord(end.reason),
    ...found.groups,
    node: node ?? 'NODE',
  };
  const fill = (text: string) =>
    fillTemplate(node === undefined ? text.replaceAll('node {node}', 'its node') : text, facts);
  const texts = { ...rule, ...(about.checkout === undefined ? {} : rule.fromCheckout) };
  return {
    id: rule.id,
    cause: fill(texts.cause),
    words: (found.line ?? '').trimEnd().slice(0, LONGEST_WORDS),
    hint: fill(texts.hint),
    ...(rule.missingPrerequisite === true ? { missingPrerequisite: true } : {}),
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

/** Undefined for FAILED and other states that say no more than that. */
function byState({ state, reason }: EndedJob, lines: readonly string[]): Found | undefined {
  const restarted = FAILURE_RULES.find(
    (rule) => rule.reasonBeforeLog === true && rule.jobReason?.includes(reason),
  );
  if (restarted !== undefined) return { rule: restarted };
  // sacct writes `CANCELLED by 2000`.
  const [word = '', , uid] = state.split(' ');
  const rule = FAILURE_RULES.find(({ jobState }) => jobState === word);
  if (rule === undefined) return undefined;
  const patterns = [rule.stateLog ?? rule.jobLog ?? []].flat();
  return {
    rule,
    line: lines.findLast((line) => patterns.some((pattern) => pattern.test(line))),
    groups: { by: uid === undefined ? '' : ` by the user with id ${uid}` },
  };
}

const PREVIOUS_RULES = FAILURE_RULES.flatMap((rule) => {
  const jobLog = PREVIOUS_LINES[rule.id];
  return jobLog === undefined ? [] : [{ ...rule, jobLog }];
});

function byLog(lines: readonly string[]): RuleMatch | undefined {
  const wasReady = lines.some((line) => READY_LINE.test(line));
  const relevant = lines.slice(
    1 + lines.findLastIndex((line) => READY_LINE.test(line) || NEXT_PORT_LINE.test(line)),
  );
  if (wasReady) {
    return matchLines(
      FAILURE_RULES.filter((rule) => rule.evidenceWhileRunning === true),
      'jobLog',
      relevant,
    );
  }
  return byScript(relevant) ?? matchLines([...PREVIOUS_RULES, ...FAILURE_RULES], 'jobLog', relevant);
}

function byScript(lines: readonly string[]): RuleMatch | undefined {
  for (const line of lines) {
    const { event = '', values = {} } = parseScriptLine(line) ?? {};
    const rule = FAILURE_RULES.find(({ id }) => event === `failed ${id}`);
    if (rule !== undefined) return { rule, line, groups: values };
  }
  return undefined;
}

function byReason({ reason, exitCode }: EndedJob, logFound: boolean): Found | undefined {
  const word = firstWord(reason);
  const rule = FAILURE_RULES.find(
    (each) => applies(each, logFound) && (each.jobReason?.includes(word) || each.exitCode === exitCode),
  );
  if (rule !== undefined) return { rule };
  const pending = pendingRule(word);
  return pending && { rule: { ...pending, cause: `Slurm could not run it: ${pending.cause} ({reason})` } };
}

function applies({ withoutLog }: FailureRule, logFound: boolean): boolean {
  return withoutLog !== true || !logFound;
}

const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

function byExitCode({ state, exitCode }: EndedJob, logFound: boolean): Found {
  if (state === 'RUNNING') return { rule: EXIT_RULES.notReady };
  const [code, signal] = (exitCode ?? '').split(':').map(Number);
  if (exitCode === null || code === undefined || Number.isNaN(code)) {
    if (state === '' || state === 'UNKNOWN') return { rule: EXIT_RULES.unknown };
    return { rule: EXIT_RULES.stateOnly, groups: { state } };
  }
  const known = FAILURE_RULES.find((each) => applies(each, logFound) && each.exitCode === String(code));
  if (known !== undefined) return { rule: known };
  const raised = signal !== undefined && signal > 0 ? signal : code > 128 ? code - 128 : 0;
  const name = SIGNAL_NAMES[raised];
  if (name !== undefined) return { rule: EXIT_RULES.signal, groups: { signal: name } };
  return code === 0
    ? { rule: EXIT_RULES.noError }
    : { rule: EXIT_RULES.code, groups: { code: String(code) } };
}
