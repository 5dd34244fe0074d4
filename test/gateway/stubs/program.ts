import { type Behaviour, startUpstream, type UpstreamOptions } from './upstream.js';

/** One stub as a process of its own, told what to do by its parent. */
export type Word = { behave: Behaviour } | { counts: true };

const upstream = await startUpstream(JSON.parse(process.argv[2] ?? '{}') as UpstreamOptions);
process.on('message', async (word: Word) => {
  if ('behave' in word) await upstream.behave(word.behave);
  process.send?.({ counts: await upstream.counts() });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: upstream.url });
