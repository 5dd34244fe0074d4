import { expect, it } from 'vitest';
import type { CheckoutFacts } from '../../src/checkout/facts.js';
import { missingOf } from '../../src/checkout/missing.js';

const whole: CheckoutFacts = {
  folder: '/home/ann/SandboxFusion',
  state: 'checkout',
  docsBuild: true,
  conda: '/opt/conda',
  condaIsOurs: false,
  poetry: '/usr/bin/poetry',
  server: { folder: '/opt/conda/envs/sandbox', python: '3.11', activeOnly: false },
  serverSeesConda: true,
  runtime: '/opt/conda/envs/sandbox-runtime/bin/python',
  missingTools: [],
};
const told = (facts: Partial<CheckoutFacts>) =>
  missingOf({ ...whole, ...facts }).map(({ what, commands }) => [what, ...commands].join('\n'));

it('nothing is missing where all is there, also in a conda of the site', () => {
  expect(missingOf(whole)).toEqual([]);
});

it("a conda of the site's takes no environment that SandboxFusion would find: one of one's own is needed", () => {
  const [conda, server, runtime, ...more] = told({ runtime: null });
  expect(conda).toMatch(/^conda in \/opt\/conda is not yours to write.*\ncurl .*\nbash .* -p ~\/miniforge3$/);
  expect(server).toMatch(/^the server's environment .* lies in that conda.*\n[\s\S]*\npoetry install$/);
  expect(runtime).toContain('\nsource ~/miniforge3/bin/activate\n');
  expect(more).toEqual([]);
  expect(told({ runtime: null, condaIsOurs: true })).toEqual([
    expect.stringContaining("\nsource '/opt/conda'/bin/activate\n"),
  ]);
});

it('poetry is needed only where the server has no environment yet', () => {
  expect(told({ poetry: null })).toEqual([]);
  expect(told({ poetry: null, server: null, condaIsOurs: true })[0]).toMatch(/^poetry is not on PATH\n/);
});
