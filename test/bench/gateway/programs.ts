import { Agent, request } from 'node:http';

/** Programs that need from 10 ms to 5 s of a CPU, as many short ones as long ones by their order of size. Seeded. */
export function mixedPrograms(count: number): string[] {
  let seed = 7;
  // The usual constants of a 31-bit Lehmer generator.
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  return Array.from({ length: count }, () => program(Math.round(10 * 500 ** random())));
}

/** A program that needs so many milliseconds of a CPU. */
export const program = (ms: number) => `print("hello") # ms=${ms}`;

export interface Outcome {
  /** Seconds for all. */
  took: number;
  /** Milliseconds each, in the order of their ends. */
  times: number[];
  /** Milliseconds of those that failed. */
  failingTimes: number[];
  /** Programs that were ended for their time, and answers that were none. */
  timedOut: number;
  failed: number;
}

/** Sends programs to one URL, so many at once, each with run_timeout 10 s. */
export async function sendAll(url: string, programs: readonly string[], atOnce: number): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true });
  const outcome: Outcome = { took: 0, times: [], failingTimes: [], timedOut: 0, failed: 0 };
  const queue = programs.values();
  const began = performance.now();
  const worker = async () => {
    for (const code of queue) {
      const from = performance.now();
      const answer = await post(`${url}/run_code`, code, agent);
      const ms = performance.now() - from;
      outcome.times.push(ms);
      if (!answer.includes('"hello\\n"')) outcome.failingTimes.push(ms);
      if (answer.includes('TimeLimitExceeded')) outcome.timedOut += 1;
      else if (!answer.includes('"hello\\n"')) outcome.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return { ...outcome, took: (performance.now() - began) / 1000 };
}

function post(url: string, code: string, agent: Agent): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ code, language: 'python', compile_timeout: 10, run_timeout: 10 }));
  });
}
