import { randomBytes } from 'node:crypto';
import { canaryRequest } from '../api/canary.js';
import { SandboxctlError } from '../errors.js';
import type { Registered } from '../fleet/facts.js';
import type { ServerView } from '../fleet/instance.js';
import type { Scheduler } from '../scheduler/port.js';
import { readPart } from './templates.js';

/**
 * Reads lines `ID HOST PORT RANDOM NONCE BODY` and prints `ok ID` for each server that answers the canary. Bash
 * alone, since nothing of ours is installed there; the nonces come on stdin, since others can read a command line.
 */
const ASK_ALL = `
ask() {
  [[ $(timeout 15 bash -c "$HTTP" http "$2" "$3" POST /run_code "$6" 2>/dev/null) == *"$4:$5"* ]] && echo "ok $1"
}
while read -r id host port random nonce body; do
  ask "$id" "$host" "$port" "$random" "$nonce" "$body" &
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
  const script = `${await readPart('http')}\n${ASK_ALL}`;
  const answer = await scheduler.runOneOff({ partition }, ['bash', '-c', script], `${lines.join('\n')}\n`);
  if (!answer.ok) {
    throw new SandboxctlError('refused', {
      what: `no program could be run in partition ${partition} to ask the servers from there`,
      detail: answer.detail,
      hint: 'correct --probe-from, or leave it out',
    });
  }
  const reached = new Set(
    answer.stdout.split('\n').map((line) => Number(/^ok (\d+)$/.exec(line)?.[1] ?? -1)),
  );
  return instances.filter((view) => !reached.has(view.instance));
}
