import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { read } from '../process/tree.js';

/** Kernel memory of an empty socket in bytes: a struct sock, an inode, a name and a file. */
const EMPTY = 3 * 1024;
/** Largest buffer of one socket in bytes: by net.core.wmem_max, net.ipv4.tcp_rmem and tcp_wmem of recent kernels. */
const FULL = 8 * 2 ** 20;
const AGAIN_MS = 250;
const ANSWER_MS = 5000;
const MOST_OUTPUT = 32 * 2 ** 20;

/** Numbers of processes: one in the namespace, and one in the user namespace that it belongs to. */
interface Network {
  of: number;
  owner: number;
}

/**
 * Bytes in the sockets of a sandbox, including sockets that are in flight in another socket. Runs `ss`, but only if
 * there are enough sockets to matter.
 */
export class SocketGauge {
  private count = 0;
  private buffered = 0;
  private asked = -Infinity;
  private asking = false;

  /** The latest measurement. `room`: a sum below this many bytes does not matter. */
  bytes(network: Network, room: number): number {
    const count = socketsOf(network.of);
    this.count = count ?? this.count;
    if (count !== undefined && count * FULL <= room) return count * EMPTY;
    const now = performance.now();
    if (!this.asking && now - this.asked >= AGAIN_MS && !sharesNetwork(network.of)) void this.ask(network);
    return this.count * EMPTY + this.buffered;
  }

  private async ask(network: Network): Promise<void> {
    this.asking = true;
    try {
      this.buffered = await bufferedIn(network);
    } finally {
      this.asked = performance.now();
      this.asking = false;
    }
  }
}

/** Undefined where that cannot be read. */
function socketsOf(pid: number): number | undefined {
  const [, count] = /^sockets: used (\d+)/.exec(read(`/proc/${pid}/net/sockstat`)) ?? [];
  return count === undefined ? undefined : Number(count);
}

function sharesNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return true;
  }
}

async function bufferedIn({ of, owner }: Network): Promise<number> {
  const enter = [`--user=/proc/${owner}/ns/user`, `--net=/proc/${of}/ns/net`, '--preserve-credentials', '--'];
  const limits = { timeout: ANSWER_MS, maxBuffer: MOST_OUTPUT, cwd: '/' };
  // Partial output counts, since it also fails if there is too much output.
  const { stdout } = await promisify(execFile)('nsenter', [...enter, 'ss', '-amnOH'], limits).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  return bufferedBy(stdout);
}

/** Adds up the figures of `ss --memory`: receive and send buffers, forward allocation, options and backlog. */
export function bufferedBy(text: string): number {
  let sum = 0;
  for (const [, ...fields] of text.matchAll(
    /skmem:\(r(\d+),rb\d+,t(\d+),tb\d+,f(\d+),w(\d+),o(\d+),bl(\d+)/g,
  )) {
    const [received = 0, sent = 0, ahead = 0, queued = 0, options = 0, backlog = 0] = fields.map(Number);
    sum += received + Math.max(sent, queued) + ahead + options + backlog;
  }
  return sum;
}
