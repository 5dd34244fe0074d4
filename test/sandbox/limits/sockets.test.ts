import { expect, test } from 'vitest';
import { bufferedBy } from '../../../src/sandbox/limits/sockets.js';

// Lines of ss (iproute2 6.1): a full pair of Unix sockets, a TCP connection that nobody reads, and a listener.
const LINES = `u_str ESTAB 0 0 * 37 * 38 skmem:(r0,rb212992,t2096640,tb2097152,f0,w0,o0,bl0,d0)
tcp   ESTAB  128512  0       127.0.0.1:57195   127.0.0.1:56312   skmem:(r131840,rb131072,t0,tb3939840,f3328,w0,o0,bl0,d4)
tcp   ESTAB  0       3782144 127.0.0.1:58026   127.0.0.1:35629   skmem:(r0,rb131072,t2304,tb4194304,f2368,w3847872,o0,bl0,d0)
tcp   LISTEN 0       1000    127.0.0.1:35629     0.0.0.0:*       skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0)
`;

test('socket memory is parsed from ss: received, sent or queued, and reserved', () => {
  expect(bufferedBy(LINES)).toBe(2_096_640 + 131_840 + 3328 + 2368 + 3_847_872);
});

test('a socket’s name cannot hide another socket in the output of ss', () => {
  const named = `u_str LISTEN 0 0 @skmem:(r1,\nx 5 * 0 skmem:(r7,rb1,t0,tb1,f0,w0,o0,bl0,d0)\n${LINES}`;
  expect(bufferedBy(named)).toBe(bufferedBy(LINES) + 7);
});
