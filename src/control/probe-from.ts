import { randomBytes } from 'node:crypto';
import { canaryRequest } from '../api/canary.js';
import { SandboxctlError } from '../errors.js';
import type { Registered } from '../fleet/facts.js';
import type { ServerView } from '../fleet/instance.js';
import type { Scheduler } from '../scheduler/port.js';

/**
 * Reads lines `ID HOST PORT RANDOM NONCE BODY` and says `ok ID` for each server that answers the canary.
 * It runs where nothing of ours is installed, so it is bash alone; the nonces come on stdin, since others
 * see a command line.
 */
const ASK = `
ask() {
  exec 3<>"/dev/tcp/$2/$3" || exit
  printf 'POST /run_code HTTP/1.1\\r\\nHost: %s\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s' "$2" "\${#6}" "$6" >&3
  [[ $(cat <&3) == *"$4:$5"* ]] && echo "ok $1"
}
export -f ask
while read -r id host port random nonce body; do
  timeout 15 bash -c 'ask "$@"' ask "$id" "$host" "$port" "$random" "$nonce" "$body" 2>/dev/null &
done
wait
exit 0`;

/**
 * The instances that a node of another partition cannot reach, where the trainer will run. One job step
 * for all of them. Throws kind `refused` where Slurm does not run it.
 */
export async function unreachableFrom(
  scheduler: Scheduler,
  partition: string,
  instances: readonly ServerView[],
  registrations: ReadonlyMap<string, Registered>,
): Promise<ServerView[]> {
  const lines = instances.map((view) => {
    const random = randomBytes(8).toString('hex');
    const nonce = registrations.get(view.jobId ?? '')?.nonce ?? '';
    return `${view.instance} ${view.host} ${view.port} ${random} ${nonce} ${JSON.stringify(canaryRequest(random))}`;
  });
  const answer = await scheduler.runOneOff({ partition }, ['bash', '-c', ASK], `${lines.join('\n')}\n`);
  if (!answer.ok) {
    throw new SandboxctlError('refused', {
      what: `no program could be run in partition ${partition} to ask the servers from there`,
      words: answer.words,
      hint: 'correct --probe-from, or leave it out',
    });
  }
  const reached = new Set(
    answer.stdout.split('\n').map((line) => Number(/^ok (\d+)$/.exec(line)?.[1] ?? -1)),
  );
  return instances.filter((view) => !reached.has(view.instance));
}
