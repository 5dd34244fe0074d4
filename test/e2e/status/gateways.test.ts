import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { gatewayLine, seeGateways } from '../../../src/commands/status/gateways.js';
import type { GatewayRegistration } from '../../../src/state/gateways.js';

/** Port 9 takes no connection. */
const registered = (url: string, host: string, job_id: string | null = null) =>
  ({ url, host, job_id, auth: null }) as GatewayRegistration;

async function seen(registration: GatewayRegistration) {
  const watch = { registrations: async () => [registration], live: async () => [] };
  const [gateway] = await seeGateways(watch, [{ jobId: '7', url: 'http://127.0.0.1:9' }]);
  return [gateway?.url, gateway && gatewayLine(gateway)];
}

it('a gateway that listens on all addresses is asked at the URL of its job, or on its machine', async () => {
  const own = await seen(registered('http://0.0.0.0:9', 'node3', '7'));
  expect(own).toEqual(['http://127.0.0.1:9', 'can only be asked on node3']);
  for (const url of ['http://0.0.0.0:9', 'http://[::]:9'])
    expect(await seen(registered(url, hostname()))).toEqual(['http://127.0.0.1:9', 'no answer']);
  expect(await seen(registered('http://0.0.0.0:9', 'node3.invalid'))).toEqual([
    'http://node3.invalid:9',
    'no answer',
  ]);
});

it('a gateway on the loopback address of another machine is not asked: something else may listen there here', async () => {
  const elsewhere = await seen(registered('http://127.0.0.1:9', 'node3'));
  expect(elsewhere).toEqual(['http://127.0.0.1:9', 'can only be asked on node3']);
  expect(await seen(registered('http://127.0.0.1:9', hostname()))).toEqual([
    'http://127.0.0.1:9',
    'no answer',
  ]);
});
