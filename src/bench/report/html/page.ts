import type { BenchReport } from '../report.js';
import { METHOD_COLUMNS, methodCells } from '../table.js';
import { noteLines, titleOf } from '../text.js';
import { rate } from '../units.js';
import { latencyChart, ratioChart, wallChart } from './charts.js';
import { escaped, figure, htmlTable } from './markup.js';
import { STYLE } from './style.js';

/** Disagreements that the page lists; the JSON has all. */
const LISTED = 200;

/** The whole report as one file, which loads nothing else. */
export function htmlPage(report: BenchReport): string {
  const { methods } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`sandboxctl bench: ${report.dataset.name}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(titleOf(report))}</h1>
<p>${escaped(machineLine(report))}</p>
${headline(report)}
${figure('Wall time', 'The whole data set, and the ratio to the baseline. Shorter is faster.', wallChart(methods))}
${report.baseline === null ? '' : figure('Ratio to the baseline, round by round', `A dot for each round, a mark for all: below 1 is faster than ${report.baseline}. The methods take turns, so dots that lie close together mean a quiet machine.`, ratioChart(report))}
${figure('Latency of a run', 'From the median over the 90th to the 99th percentile, on a logarithmic scale.', latencyChart(methods))}
<h2>All figures</h2>
${htmlTable(
  METHOD_COLUMNS,
  methods.map((method) => [method.name, ...methodCells(method)]),
)}
${methods.map(({ name, about }) => `<p>${escaped(`${name}: ${about}`)}</p>`).join('\n')}
<h2>Verdicts</h2>
${verdicts(report)}
${disagreements(report)}
${noteLines(report)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('\n')}
</main>
</body>
</html>
`;
}

function machineLine({ machine, started_at, sandboxctl, dataset }: BenchReport): string {
  const facts = [
    `${machine.cpus} CPUs (${machine.cpu_model})`,
    `Linux ${machine.kernel}`,
    `Node ${machine.node}`,
    ...Object.values(machine.tools),
    `sandboxctl ${sandboxctl}`,
    `data set ${dataset.sha256.slice(0, 12)}`,
    started_at,
  ];
  return facts.join(' · ');
}

function headline({ headline: { isolated_runs_per_second_per_core: value, method } }: BenchReport): string {
  if (value === null) return '';
  return `<p class="headline"><b>${escaped(rate(value))}</b> isolated runs a second a core (${escaped(method ?? '')})</p>`;
}

function verdicts({ methods }: BenchReport): string {
  const names = [...new Set(methods.flatMap((method) => Object.keys(method.verdicts)))];
  return htmlTable(
    ['METHOD', ...names.map((name) => name.toUpperCase())],
    methods.map((method) => [
      method.name,
      ...names.map((name) => String((method.verdicts as Record<string, number>)[name] ?? 0)),
    ]),
  );
}

function disagreements({
  agreement: { compared, agreeing, disagreements: all },
  methods,
}: BenchReport): string {
  if (methods.length < 2) return '';
  const rows = all
    .slice(0, LISTED)
    .map(({ problem, line, answers, doubtful }) => [
      line === null ? problem : `${problem} (line ${line})`,
      answers
        .map(({ method, verdict, detail }) => `${method}: ${verdict}${detail && `, ${detail}`}`)
        .join(' · '),
      doubtful ? 'other programs had the CPUs' : '',
    ]);
  const table =
    rows.length === 0 ? '' : `<div class="words">${htmlTable(['PROBLEM', 'ANSWERS', ''], rows)}</div>`;
  return `<h2>Agreement</h2><p>${agreeing} of ${compared} problems have the same verdict by all methods.</p>${table}`;
}
