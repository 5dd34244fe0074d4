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
 * Below the caller's environment and the site's enroot.conf; -v shows each origin. ENROOT_TRANSFER_TIMEOUT stays
 * unset: it would limit large layers on slow lines. Stalls are bounded by curl's speed limit.
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
 * Appended below the caller's .curlrc: under 1 KiB/s for this long is stalled, so that a dead line ends an import
 * within minutes.
 */
export function curlRc(stallSeconds: number): string {
  return `speed-limit = 1024\nspeed-time = ${Math.max(1, Math.round(stallSeconds))}\n`;
}
