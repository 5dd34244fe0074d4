import { expect, test } from 'vitest';
import { htmlPage } from '../../src/bench/report/html/page.js';
import { decades, logarithmic, ticks } from '../../src/bench/report/html/scale.js';
import { reportText } from '../../src/bench/report/text.js';
import { exampleReport } from './report.js';

test('the page loads nothing, runs nothing, and shows foreign words as text', () => {
  const page = htmlPage(exampleReport());
  expect(page).not.toMatch(/<script|<link|<img|https?:|url\(/);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('&lt;img src=x&gt;');
  expect(page).not.toContain('<img');
  for (const method of ['subprocess', 'lite']) expect(page).toContain(`>${method}<title>`);
  expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
});

test('every method has its row in every chart; of a long name the middle is left out', () => {
  const report = exampleReport();
  const [first] = report.methods;
  if (first === undefined) throw new Error('no method');
  const methods = Array.from({ length: 9 }, (_, at) => ({
    ...first,
    name: `servers-of-the-cluster-number-${at}`,
  }));
  const page = htmlPage({ ...report, methods });
  expect(page.match(/class="name"/g)).toHaveLength(3 * 9);
  expect(page).toContain('>servers-…number-8<title>servers-of-the-cluster-number-8</title>');
  expect(page).not.toContain('class="m6"');
});

test('a page of a bench that has done nothing yet', () => {
  const { methods, ...rest } = exampleReport();
  const none = { mean: null, p50: null, p90: null, p99: null, max: null };
  const page = htmlPage({
    ...rest,
    methods: methods.map((method) => ({ ...method, runs: 0, wall_seconds: 0, latency_ms: none })),
    rounds: [],
  });
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test('the text fits a terminal of 50 columns, but for words from elsewhere', () => {
  const lines = reportText(
    { ...exampleReport(), agreement: { compared: 2, agreeing: 2, disagreements: [] } },
    50,
  );
  expect(lines.filter((line) => line.length > 50)).toEqual([]);
  const wide = reportText(exampleReport(), 120);
  expect(wide).toContainEqual(expect.stringMatching(/^METHOD +WALL +RATIO .*SANDBOX FAILURES$/));
});

test('ticks are round, and decades hold all values', () => {
  expect(ticks(41.8)).toEqual([0, 20, 40]);
  expect(ticks(1.1)).toEqual([0, 0.5, 1]);
  expect(decades(15, 320)).toEqual([10, 100, 1000]);
  expect(logarithmic(1, 100, 0, 10)(10)).toBeCloseTo(5);
});
