import { fieldsOf, parseObject } from '../text/json-object.js';

export interface Login {
  user: string;
  /** Null if the file holds a shell expression for it, which only enroot evaluates. */
  password: string | null;
}

/** enroot's .credentials: netrc lines, each whole on one line and its host without a port, as enroot itself asks for. */
export function loginFromNetrc(text: string, host: string): Login | null {
  const machine = withoutPort(host);
  for (const line of text.split('\n')) {
    const match = /^\s*machine\s+(\S+)\s+login\s+(\S+)(?:\s+password\s+(\S.*?))?\s*$/.exec(line);
    if (match === null || match[1] !== machine) continue;
    const password = match[3];
    return {
      user: match[2] ?? '',
      password: password === undefined || password.startsWith('$') ? null : password,
    };
  }
  return null;
}

export type DockerEntry =
  | { kind: 'login'; user: string; password: string }
  | { kind: 'helper'; helper: string; server: string }
  | { kind: 'identity-token' };

/** Docker Hub stands in Docker's file under its oldest address. */
const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

/** Null if it has none, or is not such a file. */
export function entryFromDocker(text: string, host: string): DockerEntry | null {
  const config = parseObject(text);
  if (config === undefined) return null;
  const keys = host === 'registry-1.docker.io' ? HUB_KEYS : [host, `https://${host}`, `http://${host}`];
  const helpers = fieldsOf(config.credHelpers);
  const auths = fieldsOf(config.auths);
  for (const key of keys) {
    const helper = helpers[key];
    if (typeof helper === 'string') return { kind: 'helper', helper, server: key };
  }
  for (const key of keys) {
    const entry = auths[key];
    const login = loginOf(entry);
    if (login !== null) return login;
    if (entry !== undefined && typeof config.credsStore === 'string') {
      return { kind: 'helper', helper: config.credsStore, server: key };
    }
  }
  return null;
}

function loginOf(entry: unknown): DockerEntry | null {
  const { auth, username, password, identitytoken } = fieldsOf(entry);
  if (typeof identitytoken === 'string' && identitytoken !== '') return { kind: 'identity-token' };
  if (typeof username === 'string' && typeof password === 'string') {
    return { kind: 'login', user: username, password };
  }
  if (typeof auth !== 'string' || auth === '') return null;
  const plain = Buffer.from(auth, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  return colon < 1 ? null : { kind: 'login', user: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

export function loginFromHelper(stdout: string): DockerEntry | null {
  const answer = parseObject(stdout);
  if (answer === undefined || typeof answer.Username !== 'string' || typeof answer.Secret !== 'string')
    return null;
  if (answer.Username === '<token>') return { kind: 'identity-token' };
  return { kind: 'login', user: answer.Username, password: answer.Secret };
}

/**
 * A line per host. enroot gives a password that begins with `$` to a shell, so it is written as a shell expression.
 */
export function netrcFor(hosts: readonly string[], login: { user: string; password: string }): string {
  const password = login.password.startsWith('$')
    ? `$(printf %s '${login.password.replaceAll("'", `'\\''`)}')`
    : login.password;
  const machines = [...new Set(hosts.map(withoutPort))];
  return machines.map((host) => `machine ${host} login ${login.user} password ${password}\n`).join('');
}

/** netrc has no way to write white space. */
export function fitsNetrc(login: { user: string; password: string }): boolean {
  return !/\s/.test(login.user) && !/\s/.test(login.password) && login.user !== '' && login.password !== '';
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
