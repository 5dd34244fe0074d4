import { connect } from 'node:net';
import { canaryRequest } from '../../src/api/canary.js';

/** The requested interval of the measurement. */
const EVERY_MS = 50;

/**
 * Asks every address for a program's answer until it comes, each again and again 50 ms after the question
 * before. Resolves with the moments of the first good answers (performance.now()), in the order of the addresses.
 */
export function firstAnswers(addresses: readonly string[], signal: AbortSignal): Promise<number[]> {
  return Promise.all(addresses.map((address) => firstAnswer(address, signal)));
}

async function firstAnswer(address: string, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const asked = performance.now();
    if (await ask(address)) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS - (performance.now() - asked)));
  }
  return Number.NaN;
}

/** By a bare socket: at 64 nodes an HTTP client would take the CPU that it measures. */
function ask(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = '';
    const random = 'abcdef0123456789';
    const body = JSON.stringify(canaryRequest(random));
    const socket = connect({ host, port: 8080, timeout: 2_000 }, () => {
      socket.write(
        `POST /run_code HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer.includes(`${random}:`)));
  });
}
