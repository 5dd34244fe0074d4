/** What to do about a refusal, by what sbatch says; the first that matches holds. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  // Ahead of the account, which these words name too.
  [
    /accounting\/QOS policy|limit/i,
    "ask for less with --nodes or --time, or end another fleet first with 'sandboxctl stop --fleet NAME'",
  ],
  // Ahead of the partition, for the same reason.
  [/account/i, "name an account of yours with --account; 'sacctmgr show assoc user=$USER' lists them"],
  [/partition/i, "name another with --partition; 'sinfo' lists them"],
  [/qos/i, "name another with --qos; 'sacctmgr show qos' lists them"],
  [/reservation/i, "name another with --reservation; 'scontrol show reservation' lists them"],
  [
    /node name|node configuration|feature|CPU count|Memory specification/i,
    'look at --nodelist, --exclude, --constraint, --cpus-per-task and --mem',
  ],
];

/**
 * The hint for sbatch's words when it refuses a submission. Its last line says why; what comes before, a
 * plugin's words or a note on the configuration, may name anything.
 */
export function refusalHint(words: string): string {
  const found = words
    .split('\n')
    .reverse()
    .flatMap((line) => HINTS.find(([pattern]) => pattern.test(line))?.[1] ?? []);
  return found[0] ?? 'correct what sbatch names; the same deploy with --dry-run shows the script';
}
