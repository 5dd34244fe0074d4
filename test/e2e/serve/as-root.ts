// What only root can do: test/support/needs.ts leaves out whatever imports this.

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
