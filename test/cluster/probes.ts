import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { processesOf } from './down.js';
import { must } from './execute.js';
import { until } from './hold.js';
import { BASE, bridge, slotsOf } from './record.js';
import type { Cluster } from './types.js';

/** Serves its node's name on port 8080. */
export const SERVE = `python3 -c 'if 1:
  import http.server, os
  class Name(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
      self.send_response(200)
      self.end_headers()
      self.wfile.write(os.environ["SLURMD_NODENAME"].encode())
  http.server.HTTPServer(("0.0.0.0", 8080), Name).serve_forever()'`;

export const idle = async (cluster: Cluster): Promise<string[]> => {
  const { stdout } = await cluster.run(['sinfo', '-h', '-N', '-p', 'cpuonly', '-o', '%N %T %c']);
  return stdout.trim().split('\n');
};

export const serve = async (cluster: Cluster): Promise<string> => {
  const count = cluster.nodes.length;
  const sbatch = ['sbatch', '--parsable', `--array=0-${count - 1}`, '--exclusive', '--wrap', SERVE];
  const { code, stdout, stderr } = await cluster.run(sbatch);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
};

export const ask = (url: string): Promise<string> =>
  until(`an answer of ${url}`, async () => {
    return fetch(url).then(
      (answer) => answer.text(),
      () => undefined,
    );
  });

export const cancel = async (cluster: Cluster, id: string): Promise<void> => {
  await cluster.run(['scancel', id]);
  await until('the end of the job', async () => (await cluster.run(['squeue', '-h'])).stdout === '');
};

/** Everything on the machine by which a cluster could be noticed. */
export const traces = async (name: string, slot: number): Promise<string[]> => {
  const links = await must(['ip', '-o', 'link']);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const entries = existsSync(BASE) ? readdirSync(BASE) : [];
  return [
    ...processesOf(name).map((pid) => `process ${pid}`),
    ...links.split('\n').filter((line) => new RegExp(` ${bridge(slot)}(node\\d+)?[:@]`).test(line)),
    ...mounts.split('\n').filter((line) => line.includes(BASE)),
    ...entries.filter((entry) => entry === name || entry === `.slot-${slot}`),
  ];
};

export const slotOf = async (name: string): Promise<number> => (await slotsOf(name))[0]?.slot ?? 0;

/** Prints the answer of the URL that is its argument. */
export const GET =
  'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode(), end="")';
