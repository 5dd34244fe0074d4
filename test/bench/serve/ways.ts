import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveCli } from '../../e2e/serve/server.js';
import { type Cpu, CpuGroup, serverCpu, spawnerCpu } from './cpu.js';
import type { Row, WayName } from './rows.js';

export interface Way {
  name: WayName;
  once(): Promise<void>;
  cpu(): Cpu;
  stop(): Promise<void>;
}

/** Seconds for a compiler. */
const TIMEOUT_S = 60;

/** Each row has servers of its own: what one has cached or preloaded helps no other. */
export function wayOf(row: Row, name: WayName): Promise<Way> | Way {
  if (name === 'plain') return plain(row);
  const isolation = name === 'none' ? ['none'] : ['lite', '--warm', name === 'cold' ? 'off' : 'on'];
  const preload = name === 'warm' && row.preload !== undefined ? ['--preload', row.preload] : [];
  const memory = name === 'large' ? ['--max-memory', '5G'] : [];
  return served(row, name, ['--isolation', ...isolation, ...preload, ...memory]);
}

/** A spawn by this Node, its output read. */
function plain({ file, code, stdin, command: [tool = '', ...words], path }: Row): Way {
  const made = mkdtempSync(join(tmpdir(), 'sandboxctl-bench-'));
  return {
    name: 'plain',
    once: async () => {
      // As each run of a server: its code is written for it.
      const folder = mkdtempSync(join(made, 'run-'));
      writeFileSync(join(folder, file), code);
      await new Promise<void>((resolve, reject) => {
        const child = spawn(tool, words, {
          cwd: folder,
          env: { PATH: path },
          stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'],
        });
        child.stdin?.end(stdin);
        let text = '';
        child.stdout?.on('data', (chunk) => {
          text += chunk;
        });
        child.on('close', () => (text === 'hello\n' ? resolve() : reject(new Error(`it printed ${text}`))));
      });
      rmSync(folder, { recursive: true });
    },
    cpu: spawnerCpu,
    stop: async () => rmSync(made, { recursive: true }),
  };
}

async function served(row: Row, name: WayName, args: readonly string[]): Promise<Way> {
  const group = new CpuGroup(`${row.name}-${name}`);
  const server = await serveCli([...args, '--max-concurrency', '8'], {
    env: { PATH: row.path },
    before: group.words,
  });
  const agent = new Agent({ keepAlive: true });
  let runs = 0;
  return {
    name,
    once: () => {
      runs += 1;
      const code = name === 'fresh' ? `${row.code}// ${runs}\n` : row.code;
      return post(
        `${server.url}/run_code`,
        agent,
        JSON.stringify({ code, language: row.language, stdin: row.stdin, compile_timeout: TIMEOUT_S }),
      );
    },
    cpu: () => serverCpu(server.process.pid ?? 0, group),
    stop: async () => {
      agent.destroy();
      await server.stop();
      await group.close();
    },
  };
}

function post(url: string, agent: Agent, body: string): Promise<void> {
  // A compiler takes its time where eight run on two CPUs.
  const headers = { 'content-type': 'application/json', 'x-sandboxctl-patience': '120' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => (text.includes('"hello\\n"') ? resolve() : reject(new Error(text))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
