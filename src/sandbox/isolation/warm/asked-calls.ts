import type { Program } from '../../types.js';
import type { Becomes } from './job.js';

/**
 * Calls that a zygote hears of before they happen. Without them a network namespace stays as it was when it was made,
 * and can be another run's afterwards.
 */
export const SOCKET_CALLS = ['socket', 'socketpair'];

const MAKES_SOCKETS =
  /socket|asyncio|multiprocessing|http|urllib|ssl|ftp|smtp|request|rpc|flask|drb|unix|tcp|udp|\bnet\b/i;
const HANDLES_SIGNALS = /signal|sigaction|alarm|itimer|timeout|trap|\bsig/i;
/** A program's own filters: a listener of another one is above them. */
const FILTERS_CALLS = /SECCOMP_|PR_SET_SECCOMP|(?:lib|py|import )seccomp/;
/** Bytes of a file that may be a source. */
const LARGEST_SOURCE = 256 * 1024;

/**
 * Whether the program may see that its calls are heard of. A signal may come while one waits for that: it then fails
 * with EINTR, unless its handler was set with SA_RESTART; socket(2) itself never does. Of a command's runtime nobody
 * knows which signals it handles.
 */
export function seesThatItIsAsked(
  { code, files }: Pick<Program, 'code' | 'files'>,
  becomes: Becomes,
): boolean {
  const sources = [...files.values()].filter(({ length }) => length <= LARGEST_SOURCE);
  const texts = [code, ...sources.map((content) => content.toString('latin1'))];
  const any = (pattern: RegExp) => texts.some((text) => pattern.test(text));
  return any(FILTERS_CALLS) || (any(MAKES_SOCKETS) && (becomes === 'command' || any(HANDLES_SIGNALS)));
}
