import { SandboxctlError } from '../errors.js';
import { clientValues } from './formats/values.js';
import type { EndpointsFile } from './schema.js';

/** The name that Reasoning360's sandboxfusion_exec.py gives to its built-in list of hosts. */
const NAME = 'DEFAULT_SANDBOX_SERVERS';
const ASSIGNMENT = new RegExp(`^${NAME}[ \\t]*(?::[^=\\r\\n]*)?=[ \\t]*`, 'gm');
/** A list of plain strings, with comments; anything else is code that is not understood. */
const LIST = /\[(?:\s|,|#[^\r\n]*|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')*\]/y;
const ROTATED = /\(lambda hosts, rank: hosts\[rank:\] \+ hosts\[:rank\]\)\([^\r\n]*\)/y;

/**
 * All else stays as it was. `rotate`: each process starts elsewhere in the list. Throws kind `refused` for a text
 * that is not understood.
 */
export function patchServers(
  text: string,
  servers: readonly string[],
  { path, rotate }: { path: string; rotate: boolean },
): string {
  const found = [...text.matchAll(ASSIGNMENT)];
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw notUnderstood(path, `${found.length} lines set ${NAME}, and one should`);
  }
  const begin = only.index + only[0].length;
  const end = endOfList(text, begin);
  const rest = end === undefined ? '' : /[^\r\n]*/y.exec(text.slice(end))?.[0];
  if (end === undefined || rest === undefined || !/^[ \t]*(#.*)?$/.test(rest)) {
    throw notUnderstood(path, `${NAME} is set to something else than a list of names`);
  }
  return text.slice(0, begin) + (rotate ? rotated(servers) : literal(servers)) + text.slice(end);
}

function endOfList(text: string, begin: number): number | undefined {
  for (const shape of [LIST, ROTATED]) {
    shape.lastIndex = begin;
    if (shape.test(text)) return shape.lastIndex;
  }
  return undefined;
}

function literal(servers: readonly string[]): string {
  return `[${servers.map((server) => JSON.stringify(server)).join(', ')}]`;
}

/** The rank that common launchers set, or else the process id. */
function rotated(servers: readonly string[]): string {
  if (servers.length < 2) return literal(servers);
  const env = '(lambda env: env.get("RANK") or env.get("SLURM_PROCID"))(__import__("os").environ)';
  const rank = `int(${env} or __import__("os").getpid()) % ${servers.length}`;
  return `(lambda hosts, rank: hosts[rank:] + hosts[:rank])(${literal(servers)}, ${rank})`;
}

/** Hosts for such a client. Throws kind `usage` if it cannot use the servers. */
export function patchable(file: EndpointsFile): string[] {
  const { port_workaround: servers, bearer } = clientValues(file);
  const refuse = (what: string, hint: string) => new SandboxctlError('usage', { what, hint });
  if (bearer) {
    throw refuse(
      'the servers ask for a token, and this client cannot send one',
      'deploy servers without a token for it, or have code of your own send it: --format python',
    );
  }
  if (servers.length === 0) {
    throw refuse(
      `no server of fleet ${file.fleet} is ready, so there is nothing to write`,
      "'sandboxctl endpoints --all --check' shows why",
    );
  }
  return servers;
}

function notUnderstood(path: string, words: string): SandboxctlError {
  return new SandboxctlError('refused', {
    what: `${path} is not understood, and stays as it is`,
    detail: words,
    hint: `set ${NAME} in it to what 'sandboxctl endpoints --format python' prints as SERVERS`,
  });
}
