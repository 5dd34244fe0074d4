/** Rows that have colours of their own; the next begin again. */
export const COLOURS = 6;

/** Colours that differ in lightness as well, on a light and on a dark page. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #1d2330; --soft: #5c6675; --line: #dde2ea;
  --m0: #6b7280; --m1: #2563eb; --m2: #d97706; --m3: #059669; --m4: #9333ea; --m5: #dc2626; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171d; --text: #e8ebf0; --soft: #9aa4b2; --line: #2e3540;
    --m0: #9ca3af; --m1: #60a5fa; --m2: #fbbf24; --m3: #34d399; --m4: #c084fc; --m5: #f87171; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 0; }
p { margin: .2rem 0 .6rem; }
p, .tick { color: var(--soft); }
.headline { margin: 1.2rem 0; font-size: 1.1rem; color: var(--text); }
.headline b { font-size: 2rem; }
figure { margin: 0; overflow-x: auto; }
svg { width: 100%; min-width: 36rem; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--text); }
svg .tick { fill: var(--soft); text-anchor: middle; }
svg .name { text-anchor: end; font-weight: 600; }
svg .grid { stroke: var(--line); }
svg .base { stroke: var(--soft); stroke-dasharray: 4 3; }
svg .mark { stroke: var(--text); stroke-width: 2; }
svg .faint { opacity: .55; }
${Array.from({ length: COLOURS }, (_, at) => `svg .m${at} { fill: var(--m${at}); stroke: var(--m${at}); stroke-width: 2; }`).join('\n')}
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, .words th, .words td { text-align: left; }
.words td { white-space: normal; }
th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; }
`;
