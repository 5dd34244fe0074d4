// A process that keeps a listening socket open, with all connections that wait in it, while its parent accepts none.
let kept: unknown;

process.on('message', (word: 'keep' | 'give', handle: unknown) => {
  if (word === 'keep') kept = handle;
  process.send?.(word, word === 'give' ? (kept as never) : undefined);
});
process.on('disconnect', () => process.exit(0));
// A terminal signals all processes, but the parent decides when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
