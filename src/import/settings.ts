/** One of enroot's (or curl's) variables that we choose where the caller and the site's enroot.conf do not. */
export interface EnrootSetting {
  name: string;
  /** A shell expression, since what fits is known only on the machine where the import runs. */
  value: string;
  /** A shell condition under which it is chosen; always when left out. */
  when?: string;
  /** What enroot's own default does to an import. */
  why: string;
}

/**
 * The caller's environment beats the site's enroot.conf, and that beats this table; -v shows each value
 * with its origin. ENROOT_TRANSFER_TIMEOUT is left alone on purpose: it limits a whole transfer, so that
 * large layers would fail on slow lines. Stalls are bounded by curl's own speed limit instead.
 */
export const ENROOT_SETTINGS: readonly EnrootSetting[] = [
  {
    name: 'ENROOT_TRANSFER_RETRIES',
    value: '3',
    why: 'the default of 0 gives up at the first hiccup of a registry',
  },
  {
    name: 'ENROOT_CONNECT_TIMEOUT',
    value: '10',
    why: 'the default of 30 s times the retries keeps a user waiting for minutes before the error',
  },
  {
    name: 'ENROOT_MAX_PROCESSORS',
    value: '"$cpus"',
    why: 'the default is nproc, which knows neither CPU quotas nor what Slurm gave the job, and obeys OMP_NUM_THREADS',
  },
  {
    name: 'ENROOT_MAX_CONNECTIONS',
    value: '"$connections"',
    why: 'each of the default 10 connections runs four processes: too many on a shared login node',
  },
  {
    name: 'ENROOT_SQUASH_OPTIONS',
    value: "'-comp zstd -Xcompression-level 3 -b 1M -exit-on-error'",
    when: 'mksquashfs -help 2>&1 | grep -q zstd',
    why: 'the default lzo takes about half of all the time and makes images 1.7 times the size',
  },
];

/**
 * What curl reads below the caller's own .curlrc. A transfer slower than 1 KiB/s for this many seconds is
 * stalled; with the retries above, and GNU parallel's own, a dead line ends an import within minutes
 * instead of never.
 */
export function curlRc(stallSeconds: number): string {
  return `speed-limit = 1024\nspeed-time = ${Math.max(1, Math.round(stallSeconds))}\n`;
}
