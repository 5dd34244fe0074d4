import { SandboxctlError } from '../../errors.js';
import { matchLines } from '../match.js';
import { type Facts, type FailureRule, fillTemplate } from '../rule.js';
import { IMPORT_RULES } from '../rules/import.js';
import { IMPORT_MACHINE_RULES } from '../rules/import-machine.js';
import { IMPORT_REGISTRY_RULES } from '../rules/import-registry.js';
import type { ImportFacts } from './facts.js';
import type { FailureNames } from './row.js';
import { SCRIPT_CODES } from './row.js';

export interface FailedImport {
  code: number | null;
  signal: string | null;
  lines: readonly string[];
  facts: ImportFacts;
}

const TAIL_LINES = 12;
const LOG_RULES = [...IMPORT_REGISTRY_RULES, ...IMPORT_MACHINE_RULES];

/** enroot has no message for many failures: the tool it called, or only the last phase, shows what happened. */
export function explainFailure(failed: FailedImport, names: FailureNames): SandboxctlError {
  const lines = failed.lines.map((line) => line.trim()).filter((line) => line !== '');
  const own = scriptFailure(failed, names);
  if (own !== undefined) return own;
  // The last line is the one that ended the import: curl retries what failed before.
  const match = matchLines(LOG_RULES, 'importLog', lines.toReversed());
  if (match === undefined) return silentFailure(failed, lines, names);
  return errorBy(match.rule, match.line, { ...named(names), ...match.groups });
}

function errorBy(rule: FailureRule, words: string, facts: Facts, tail?: readonly string[]): SandboxctlError {
  return new SandboxctlError(rule.kind ?? 'refused', {
    what: fillTemplate(rule.cause, facts),
    detail: words,
    hint: fillTemplate(rule.hint, facts),
    failure: rule.id,
    ...(tail === undefined ? {} : { tail: [...tail] }),
  });
}

function scriptFailure(
  { code, facts, lines }: FailedImport,
  names: FailureNames,
): SandboxctlError | undefined {
  if (facts.noSpace !== null) {
    const { what, folder, freeKib, needKib } = facts.noSpace;
    const words = `${mib(freeKib)} free, about ${mib(needKib)} needed`;
    return errorBy(IMPORT_RULES.noSpace, words, { ...PLACE[what], folder });
  }
  if (facts.noFolder !== null) {
    const place = facts.noFolder.what === 'cache' ? PLACE.cache : PLACE.temp;
    return errorBy(IMPORT_RULES.noFolder, `${facts.noFolder.folder} cannot be made or written`, place);
  }
  if (code === SCRIPT_CODES.listing) {
    const words = lines.findLast((line) => /FATAL|ERROR|failed/i.test(line)) ?? 'unsquashfs -lln failed';
    return errorBy(IMPORT_RULES.listing, words, named(names));
  }
  if (code === SCRIPT_CODES.noEnroot || code === 127) return enrootMissing(lines.at(-1));
  return undefined;
}

const PLACE = {
  cache: { role: "for enroot's cache", setting: 'ENROOT_CACHE_PATH' },
  temp: { role: 'to unpack the layers', setting: 'ENROOT_TEMP_PATH' },
  target: { role: 'for the image', setting: 'the config key imageDir, or -o FILE,' },
} as const;

export function enrootMissing(words: string | undefined): SandboxctlError {
  const own = words === undefined || words.startsWith('sandboxctl:');
  return errorBy(IMPORT_RULES.noEnroot, own ? 'command not found: enroot' : words, {});
}

const USER = /^\[INFO\] Authenticating with user: /;
const AUTHENTICATING = /\[INFO\] (?:Authenticating with user|Using credentials from file): /;

/** enroot prints nothing if credentials are missing or wrong: only the last phase shows it. */
function silentFailure(
  { code, signal }: FailedImport,
  lines: readonly string[],
  names: FailureNames,
): SandboxctlError {
  const last = lines.at(-1) ?? '';
  if (AUTHENTICATING.test(last)) {
    const user = lines.findLast((line) => USER.test(line))?.replace(USER, '');
    const rule =
      user === undefined || user === '<anonymous>'
        ? IMPORT_RULES.credentialsMissing
        : IMPORT_RULES.credentialsRefused;
    return errorBy(rule, last, { ...named(names), user });
  }
  const words = lines.findLast((line) => /error|fatal|failed|cannot/i.test(line)) ?? last;
  const end = signal === null ? `exit code ${code}` : `killed by ${signal}`;
  return errorBy(IMPORT_RULES.other, words, { ...named(names), end }, lines.slice(-TAIL_LINES));
}

function named(names: FailureNames): Facts {
  // curl's netrc knows hosts without their ports.
  return { ...names, machine: names.host.replace(/:\d+$/, '') };
}

function mib(kib: number): string {
  return `${Math.ceil(kib / 1024)} MiB`;
}
