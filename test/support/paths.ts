/** Where Debian puts its tools. Not /usr/local: what somebody put there may be another version of one. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** The folder of a test run; whose it is follows. */
export const RUN_FOLDER = '/tmp/sandboxctl-test.';
