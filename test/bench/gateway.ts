import { ensurePackages } from '../cluster/image/tools.js';
import { CPUS, guide, mixed } from './gateway/mixed.js';
import { constantServer, delayedServer, sharedCpuServer } from './gateway/servers.js';
import { added, throughput } from './gateway/throughput.js';
import { verification } from './gateway/verification.js';

/** The gateway beside Debian's nginx and haproxy, each of one process, and beside a bare node:http server. */
export async function gateway(): Promise<string> {
  await ensurePackages(['nginx-light', 'haproxy', 'wrk']);
  const stops: (() => Promise<void>)[] = [];
  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    stops.push(one.stop);
    return one;
  };
  try {
    const parts = [await throughput(keep(await constantServer()).url)];
    parts.push(await added(keep(await delayedServer(20))));
    const servers: string[] = [];
    for (let at = 0; at < 4; at += 1) servers.push(keep(await sharedCpuServer(CPUS)).url);
    parts.push(await mixed(servers), await guide(servers));
    parts.push(await verification());
    return parts.join('\n\n');
  } finally {
    for (const stop of stops) await stop();
  }
}
