import { type ErrorParts, SandboxctlError } from '../../errors.js';
import type { ImportFacts } from './facts.js';
import { MACHINE_FAILURES } from './machine.js';
import { CREDENTIALS, REGISTRY_FAILURES } from './registry.js';
import type { FailureNames } from './row.js';
import { SCRIPT_CODES } from './row.js';

export interface FailedImport {
  code: number | null;
  signal: string | null;
  /** The last lines of stderr. */
  lines: readonly string[];
  facts: ImportFacts;
}

/** Shown below an error whose cause no row knows. */
const TAIL_LINES = 12;

/**
 * What a failed import (or `enroot digest`) means, as the error to show. enroot has no error text of its
 * own for many failures: there the tool that it called, or only the last phase, tells what happened.
 */
export function explainFailure(failed: FailedImport, names: FailureNames): SandboxctlError {
  const own = ownFailure(failed, names);
  if (own !== undefined) return own;

  const lines = failed.lines.map((line) => line.trim()).filter((line) => line !== '');
  for (const row of [...REGISTRY_FAILURES, ...MACHINE_FAILURES]) {
    const index = lines.findLastIndex((line) => row.line.test(line));
    const line = lines[index];
    const match = line === undefined ? null : row.line.exec(line);
    if (line === undefined || match === null) continue;
    return new SandboxctlError(row.kind, {
      what: row.what(names, match),
      words: line,
      hint: named(row.hint, names),
    });
  }
  return silentFailure(failed, lines, names);
}

/** What the import script itself found wrong. */
function ownFailure(
  { code, facts, lines }: FailedImport,
  { target }: FailureNames,
): SandboxctlError | undefined {
  const refused = (parts: ErrorParts) => new SandboxctlError('refused', parts);
  if (facts.noSpace !== null) {
    const { what, folder, freeKib, needKib } = facts.noSpace;
    return refused({
      what: `not enough room ${PLACE[what].role} in ${folder}`,
      words: `${mib(freeKib)} free, about ${mib(needKib)} needed`,
      hint: `free room there, or point ${PLACE[what].setting} to a folder with more`,
    });
  }
  if (facts.noFolder !== null) {
    const place = facts.noFolder.what === 'cache' ? PLACE.cache : PLACE.temp;
    return refused({
      what: `there is no folder ${place.role}`,
      words: `${facts.noFolder.folder} cannot be made or written`,
      hint: `point ${place.setting} to a folder that you can write`,
    });
  }
  if (code === SCRIPT_CODES.listing) {
    return refused({
      what: `enroot wrote an image into ${target} whose files cannot be listed`,
      words: lines.findLast((line) => /FATAL|ERROR|failed/i.test(line)) ?? 'unsquashfs -lln failed',
      hint: "run 'sandboxctl import-image --force'; if it happens again, the disk or squashfs-tools are at fault",
    });
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
  return new SandboxctlError('tool', {
    what: 'enroot was not found where the import should run',
    words: words === undefined || words.startsWith('sandboxctl:') ? 'command not found: enroot' : words,
    hint: "import on a node that has it: 'sandboxctl import-image --on job --partition NAME'",
  });
}

const USER = /^\[INFO\] Authenticating with user: /;
const AUTHENTICATING = /\[INFO\] (?:Authenticating with user|Using credentials from file): /;

/** enroot ends without a word where credentials are missing or wrong: only the last phase tells. */
function silentFailure(
  { code, signal }: FailedImport,
  lines: readonly string[],
  { image, host }: FailureNames,
): SandboxctlError {
  const last = lines.at(-1) ?? '';
  if (AUTHENTICATING.test(last)) {
    const user = lines.findLast((line) => USER.test(line))?.replace(USER, '');
    return new SandboxctlError('refused', {
      what:
        user === undefined || user === '<anonymous>'
          ? `${host} wants credentials for ${image}, and none were found`
          : `${host} does not accept the credentials of ${user}`,
      words: last,
      hint: named(CREDENTIALS, { host }),
    });
  }
  return new SandboxctlError('refused', {
    what: `the import of ${image} failed (${signal === null ? `exit code ${code}` : `killed by ${signal}`})`,
    words: lines.findLast((line) => /error|fatal|failed|cannot/i.test(line)) ?? last,
    hint: 'run it again with -v to see every setting: sandboxctl -v import-image',
    tail: lines.slice(-TAIL_LINES),
  });
}

/** curl's netrc knows hosts without their ports. */
function named(hint: string, { host }: Pick<FailureNames, 'host'>): string {
  return hint.replaceAll('MACHINE', host.replace(/:\d+$/, '')).replaceAll('HOST', host);
}

function mib(kib: number): string {
  return `${Math.ceil(kib / 1024)} MiB`;
}
