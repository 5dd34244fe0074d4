import { expect, it } from 'vitest';
import { after } from '../src/node.js';

/** Whether `act` is called before a timer of half a second. */
function fires(ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const back = after(ms, () => resolve(true));
    setTimeout(() => {
      back();
      resolve(false);
    }, 500);
  });
}

it.each([
  [10, true],
  [-5, true],
  [2 ** 31, false],
  [30 * 24 * 3600 * 1000, false],
  [Number.POSITIVE_INFINITY, false],
])('after %s ms: within half a second it is %s that its time has come', async (ms, comes) => {
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on('warning', hear);
  expect(await fires(ms)).toBe(comes);
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});
