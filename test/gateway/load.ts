import { asServer, guideExec } from './clients/guide.js';
import { sdkRunCode } from './clients/sdk.js';
import { verlCase } from './clients/verl.js';

/** Programs of all kinds; each is another one, so that upstream can be asked how often it began. */
export function programs(count: number, ms = 10): string[] {
  return Array.from({ length: count }, (_, n) => {
    const took = `# ms=${1 + ((n * 7) % ms)}`;
    if (n % 10 === 3) return `exit(3) # ${n} ${took}`;
    if (n % 10 === 7) return `# timeout ${n} ${took}`;
    return `print("${n}") ${took}`;
  });
}

const noSleep = async () => undefined;

/** What one of the three clients says of a program; undefined where that is right. */
async function wrongOf(url: string, code: string, n: number): Promise<string | undefined> {
  const printed = /print\("(\d+)"\)/.exec(code)?.[1];
  const slow = code.startsWith('# timeout');
  if (n % 3 === 0) {
    const said = await verlCase(url, { code, expected: printed ?? '' }, noSleep);
    return said === (printed === undefined ? (slow ? -3 : -2) : true) ? undefined : `verl: ${said}`;
  }
  if (n % 3 === 1) {
    const [good, words] = await guideExec([asServer(url)], code);
    const right =
      printed === undefined ? words.startsWith('Failed to execute program') : words === `${printed}\n`;
    return good === (printed !== undefined) && right ? undefined : `guide: ${words}`;
  }
  const ran = await sdkRunCode(url, code, noSleep).catch((error: Error) => ({ status: error.message }));
  return ran.status === (printed === undefined ? 'Failed' : 'Success') ? undefined : `SDK: ${ran.status}`;
}

/** Sends programs through a gateway, so many at once, each by one of the clients; what came out wrong. */
export async function wrongs(
  url: string,
  codes: readonly string[],
  atOnce: number,
  onSent: (n: number) => void = () => undefined,
): Promise<string[]> {
  const wrong: string[] = [];
  const queue = codes.entries();
  const worker = async () => {
    for (const [n, code] of queue) {
      onSent(n);
      const words = await wrongOf(url, code, n);
      if (words !== undefined) wrong.push(`${code}: ${words}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return wrong;
}
