import { createServer } from 'node:http';
import { isCanary } from '../../../src/api/canary.js';
import { canaryAnswer } from '../../client/servers.js';
import { answerTo } from '../../gateway/stubs/upstream.js';

/**
 * A server as SandboxFusion is one: it begins every run at once, however many there are, and its CPUs are
 * shared by all. `shared-cpu.ts PORT CPUS`; a program says by `# ms=N` how much of one CPU it needs.
 */
const [port, cpus = 4] = process.argv.slice(2).map(Number);

interface Run {
  /** Milliseconds of a whole CPU that it still needs. */
  left: number;
  /** When its own timeout ends it, by performance.now(). */
  until: number;
  end(timedOut: boolean): void;
}

const runs = new Set<Run>();
let since = performance.now();
let timer: NodeJS.Timeout | undefined;

const share = () => Math.min(1, cpus / runs.size);

/** Gives all runs what they got since the last look, ends those that are through, and looks again at the next end. */
function look(): void {
  const now = performance.now();
  const got = (now - since) * share();
  since = now;
  for (const run of runs) {
    run.left -= got;
    if (run.left > 0.01 && now < run.until) continue;
    runs.delete(run);
    run.end(run.left > 0.01);
  }
  clearTimeout(timer);
  const next = Math.min(...Array.from(runs, (run) => Math.min(run.left / share(), run.until - now)));
  if (runs.size > 0) timer = setTimeout(look, Math.max(0, next));
}

createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const run = text === '' ? {} : JSON.parse(text);
  const { code = '', run_timeout = 10 } = run;
  if (code === '') {
    response.end('"pong"');
    return;
  }
  const left = Number(/# ms=(\d+)/.exec(code)?.[1] ?? 0);
  const end = (timedOut: boolean) => {
    response.setHeader('content-type', 'application/json');
    if (isCanary(run) && !timedOut) response.end(canaryAnswer(run));
    else response.end(answerTo(timedOut ? '# timeout' : code));
  };
  look();
  runs.add({ left, until: performance.now() + run_timeout * 1000, end });
  look();
}).listen(port, '127.0.0.1');
