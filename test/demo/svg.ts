import type { Span } from './screen.js';

/** What stood on the screen from one moment on. */
export interface Frame {
  /** Seconds since the start. */
  at: number;
  rows: Span[][];
}

const COLORS: Record<number, string> = {
  0: '#d6deeb',
  31: '#ef5350',
  32: '#22da6e',
  33: '#ffcb6b',
  34: '#82aaff',
  35: '#c792ea',
  36: '#21c7a8',
  90: '#7f8c9f',
};
/** Pixels. A monospace glyph is 0.6 of its size wide in every font named below. */
const [SIZE, LINE, MARGIN, BAR] = [14, 20, 18, 34];
const WIDTH = SIZE * 0.6;
/** Seconds that the last frame stands before it starts again. */
const HOLD = 6;

/**
 * The frames as an SVG that plays them in their real time, over and over. Where nothing moves (a viewer
 * without animations, a person who wants none) the last frame stands.
 */
export function terminalSvg(frames: readonly Frame[], columns: number, title: string): string {
  const rows = Math.max(...frames.map((frame) => frame.rows.length));
  const [width, height] = [Math.ceil(columns * WIDTH) + 2 * MARGIN, rows * LINE + BAR + 2 * MARGIN];
  const whole = (frames.at(-1)?.at ?? 0) + HOLD;
  const percent = (at: number) => `${((100 * at) / whole).toFixed(2)}%`;
  const steps = frames.map(({ at }, i) => {
    const next = frames[i + 1]?.at;
    const end = next === undefined ? '' : ` ${percent(next)}{visibility:hidden}`;
    return `@keyframes f${i}{0%{visibility:hidden} ${percent(at)}{visibility:visible}${end}} .f${i}{animation:f${i} ${whole.toFixed(1)}s step-end infinite}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">
<title>${escaped(title)}</title>
<style>
text{font:${SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.f{visibility:hidden} .last{visibility:visible}
@media (prefers-reduced-motion: no-preference){
${steps.join('\n')}
}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0f1724"/>
${['#ff5f56', '#ffbd2e', '#27c93f'].map((color, i) => `<circle cx="${MARGIN + 4 + 18 * i}" cy="20" r="5.5" fill="${color}"/>`).join('')}
${frames.map((frame, i) => frameGroup(frame, i, i === frames.length - 1)).join('\n')}
</svg>
`;
}

function frameGroup({ rows }: Frame, index: number, last: boolean): string {
  const texts = rows.map((spans, row) => rowText(spans, BAR + MARGIN + row * LINE));
  return `<g class="f f${index}${last ? ' last' : ''}">${texts.join('')}</g>`;
}

function rowText(spans: readonly Span[], y: number): string {
  let column = 0;
  return spans
    .map(({ text, color }) => {
      const x = (MARGIN + column * WIDTH).toFixed(1);
      column += [...text].length;
      if (text.trim() === '') return '';
      return `<text x="${x}" y="${y}" fill="${COLORS[color] ?? COLORS[0]}">${escaped(text)}</text>`;
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
