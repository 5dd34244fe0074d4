import type { BenchReport, MethodReport } from '../report.js';
import { milliseconds, ratio, seconds } from '../units.js';
import { escaped } from './markup.js';
import { decades, linear, logarithmic, ticks } from './scale.js';
import { COLOURS } from './style.js';

const WIDTH = 720;
const LEFT = 130;
const RIGHT = 130;
const ROW = 34;
const TOP = 10;
const AXIS = 26;

/** One bar for each method: the wall time of the whole set. */
export function wallChart(methods: readonly MethodReport[]): string {
  const longest = Math.max(...methods.map((each) => each.wall_seconds), 0.001);
  const x = linear(0, longest, LEFT, WIDTH - RIGHT);
  const bars = methods.map((method, row) => {
    const y = TOP + row * ROW;
    const { wall } = method.ratio;
    const words = `${seconds(method.wall_seconds)}${wall === null ? '' : ` · ${ratio(wall)}`}`;
    return `<rect class="${colour(row)}" x="${LEFT}" y="${y + 5}" width="${fixed(x(method.wall_seconds) - LEFT)}" height="${ROW - 12}" rx="3"/>
${label(method.name, row)}<text x="${fixed(x(method.wall_seconds) + 8)}" y="${y + ROW / 2 + 4}">${escaped(words)}</text>`;
  });
  return svg(methods.length, [...grid(ticks(longest), x, methods.length, seconds), ...bars]);
}

/** A line for each method, from the median to the 99th percentile, on a logarithmic scale. */
export function latencyChart(methods: readonly MethodReport[]): string {
  const values = methods
    .flatMap(({ latency_ms: { p50, p90, p99 } }) => [p50, p90, p99])
    .filter((each) => each !== null);
  const axis = decades(Math.min(...values, 1000), Math.max(...values, 1));
  const x = logarithmic(axis[0] ?? 1, axis.at(-1) ?? 10, LEFT, WIDTH - RIGHT);
  const lines = methods.map(({ name, latency_ms: { p50, p90, p99 } }, row) => {
    const y = TOP + row * ROW + ROW / 2;
    if (p50 === null || p90 === null || p99 === null) return label(name, row);
    const dots = [p50, p90, p99].map(
      (value, at) =>
        `<circle class="${colour(row)}" cx="${fixed(x(value))}" cy="${y}" r="${[7, 5, 4][at]}"><title>${escaped(`${['median', 'p90', 'p99'][at]} ${milliseconds(value)}`)}</title></circle>`,
    );
    return `${label(name, row)}<line class="${colour(row)}" x1="${fixed(x(p50))}" x2="${fixed(x(p99))}" y1="${y}" y2="${y}"/>${dots.join('')}<text x="${fixed(x(p99) + 12)}" y="${y + 4}">${escaped(`${milliseconds(p50)} to ${milliseconds(p99)}`)}</text>`;
  });
  return svg(methods.length, [...grid(axis, x, methods.length, milliseconds), ...lines]);
}

/** A dot for each round of each method: its wall time beside the baseline's in the same round. */
export function ratioChart({ methods, rounds, baseline }: BenchReport): string {
  const ratios = methods.map(({ name }) =>
    rounds
      .filter(({ method }) => method === name)
      .flatMap(({ round, runs, wall_seconds: wall }) => {
        const base = rounds.find((each) => each.round === round && each.method === baseline);
        return base?.runs === runs && base.wall_seconds > 0 ? [wall / base.wall_seconds] : [];
      }),
  );
  const most = Math.max(1.1, ...ratios.flat());
  const x = linear(0, most, LEFT, WIDTH - RIGHT);
  const rows = methods.map((method, row) => {
    const y = TOP + row * ROW + ROW / 2;
    const dots = (ratios[row] ?? []).map(
      (value) => `<circle class="${colour(row)} faint" cx="${fixed(x(value))}" cy="${y}" r="5"/>`,
    );
    const { wall } = method.ratio;
    const mark =
      wall === null
        ? ''
        : `<line class="mark" x1="${fixed(x(wall))}" x2="${fixed(x(wall))}" y1="${y - 10}" y2="${y + 10}"/>`;
    return `${label(method.name, row)}${dots.join('')}${mark}<text x="${WIDTH - RIGHT + 12}" y="${y + 4}">${escaped(ratio(wall))}</text>`;
  });
  const one = `<line class="base" x1="${fixed(x(1))}" x2="${fixed(x(1))}" y1="${TOP}" y2="${TOP + methods.length * ROW}"/>`;
  return svg(methods.length, [
    ...grid(ticks(most), x, methods.length, (value) => `${Number(value.toFixed(2))} x`),
    one,
    ...rows,
  ]);
}

const colour = (row: number) => `m${row % COLOURS}`;

/** Characters of a name that fit beside a chart; where there are more, the middle is left out. */
const LONGEST = 17;

function label(name: string, row: number): string {
  const half = (LONGEST - 1) / 2;
  const shown = name.length > LONGEST ? `${name.slice(0, half)}…${name.slice(-half)}` : name;
  return `<text class="name" x="${LEFT - 10}" y="${TOP + row * ROW + ROW / 2 + 4}">${escaped(shown)}<title>${escaped(name)}</title></text>`;
}

function grid(
  values: readonly number[],
  x: (value: number) => number,
  rows: number,
  shown: (value: number) => string,
): string[] {
  const bottom = TOP + rows * ROW;
  return values.map(
    (value) =>
      `<line class="grid" x1="${fixed(x(value))}" x2="${fixed(x(value))}" y1="${TOP}" y2="${bottom}"/><text class="tick" x="${fixed(x(value))}" y="${bottom + 17}">${escaped(shown(value))}</text>`,
  );
}

function svg(rows: number, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${TOP + rows * ROW + AXIS}" role="img">${parts.join('\n')}</svg>`;
}

const fixed = (value: number) => String(Math.round(value * 10) / 10);
