import { asUser, newUser, WITHOUT_BWRAP } from '../as-root.js';

/** A way in which a server runs programs, and the plain run that it must equal. */
export interface Mode {
  name: string;
  /** Of `sandboxctl serve`. */
  args: readonly string[];
  /** Words before the server: who it is, and what it finds. */
  before: readonly string[];
  /** Words before the plain run: who its program is. */
  plainly: readonly string[];
}

const USER = asUser(newUser());
/** Programs see themselves as root of their user namespace. */
const MAPPED = [...USER, 'unshare', '--user', '--map-root-user'];
const COLD = ['--warm', 'off'];
const WARM = ['--warm', 'on'];
const NONE = ['--isolation', 'none'];

export const MODES = [
  { name: 'lite by bwrap, root', args: COLD, before: [], plainly: [] },
  { name: 'lite by unshare, root', args: COLD, before: WITHOUT_BWRAP, plainly: [] },
  { name: 'none, root', args: NONE, before: [], plainly: [] },
  { name: 'lite by bwrap, a user', args: COLD, before: USER, plainly: MAPPED },
  { name: 'lite by unshare, a user', args: COLD, before: [...WITHOUT_BWRAP, ...USER], plainly: MAPPED },
  { name: 'lite, warm, root', args: WARM, before: [], plainly: [] },
  { name: 'lite, warm, a user', args: WARM, before: USER, plainly: MAPPED },
  { name: 'none, a user', args: NONE, before: USER, plainly: USER },
] as const satisfies readonly Mode[];

export type ModeName = (typeof MODES)[number]['name'];
