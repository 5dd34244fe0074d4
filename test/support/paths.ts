import { join } from 'node:path';

/** Where Debian puts its tools. Not /usr/local: what somebody put there may be another version of one. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** What the names of all folders begin with that tests make outside of the clone; then whose it is. */
export const MADE = 'sandboxctl-test.';

/** The beginning of a folder's name, for mkdtemp, in another place than the one for temporary files. */
export const madeIn = (place: string, name: string): string =>
  join(place, `${MADE}${process.env.SANDBOXCTL_TEST_RUN}.${name}-`);
