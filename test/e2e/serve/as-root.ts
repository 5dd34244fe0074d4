// What only root can do: test/support/needs.ts leaves out whatever imports this.

const FIRST_USER = 200_000;
/** Of one process. With the largest id of a process on Linux, these end below the users of root's sandboxes. */
const MOST_USERS = 256;
let users = 0;

/**
 * A user that no other test has, also of another run on this machine: the limits of a user count all of its
 * processes, and a program without isolation may end all of them.
 */
export function newUser(): number {
  if (users === MOST_USERS) throw new Error(`${MOST_USERS} users are taken`);
  return FIRST_USER + process.pid * MOST_USERS + users++;
}

/** Words before a command: it runs as an ordinary user. */
export function asUser(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}

/** Words before a server: each of its runs makes a sandbox of its own, unless flags say otherwise. */
export const COLD = ['env', 'SANDBOXCTL_WARM=off'];

/** The same, and something else lies in the place of bubblewrap. */
export const WITHOUT_BWRAP = [
  ...COLD,
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
  ...['mount --bind /dev/null "$(command -v bwrap)"; exec "$@"', 'sh'],
];
