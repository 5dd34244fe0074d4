import type { CheckoutFacts } from '../../checkout/facts.js';
import { RUNTIME_ENVIRONMENT } from '../../checkout/facts.js';
import type { Config } from '../../config/settings.js';
import { finding } from '../../failures/finding.js';
import { found, foundOr, type Judgement } from '../judgement.js';
import type { MachineFacts } from '../machine-facts.js';
import { loopbackIn, startTarget } from './start.js';

/** A checkout as it is seen from the machine `node`, by what a job would find wrong with it. */
export function judgeCheckout(
  {
    folder,
    state,
    server,
    serverSeesConda,
    conda,
    runtime,
    makefile,
  }: CheckoutFacts & { makefile: string | null },
  node: string,
  environment: string | null,
): Judgement {
  if (state !== 'checkout') return found(finding('checkout-not-visible', { node, path: folder }));
  // Whatever was named, its job looks for there.
  if (server === null && environment === null)
    return found(finding('checkout-without-environment', { node, path: folder }));
  const loopback = loopbackIn(makefile);
  const python = server?.python == null ? '' : `, Python ${server.python}`;
  const by = startTarget(makefile);
  return foundOr(`${folder}${python}, starts by ${by === null ? 'uvicorn' : `'make ${by}'`}`, [
    server !== null &&
      !serverSeesConda &&
      finding('checkout-environment-outside-conda', { path: server.folder, checkout: folder }),
    server !== null &&
      serverSeesConda &&
      runtime === null &&
      finding(
        'checkout-without-sandbox-runtime',
        { path: conda ?? '', checkout: folder },
        `no ${RUNTIME_ENVIRONMENT}/bin/python`,
      ),
    loopback !== null && finding('listens-on-loopback', { what: `the server of ${folder}` }, loopback),
  ]);
}

/** What SandboxFusion's own lite calls, which a job looks for as it starts (templates/runtimes/checkout.hbs). */
const LITE_TOOLS = ['sudo', 'cgcreate', 'cgexec', 'ip', 'iptables'];

/** The same from a node, by what a job there would stop at. */
export function judgeCheckoutThere(
  { node, checkout, root, tools, cgroup }: MachineFacts,
  { checkout: path, isolation }: Pick<Config, 'checkout' | 'isolation'>,
): Judgement {
  const lacks = [
    ...(root ? [] : ['root']),
    ...LITE_TOOLS.filter((tool) => !tools.has(tool)),
    ...(cgroup === 'v1' ? [] : ['cgroup v1']),
  ];
  return foundOr(`checkout: ${path} can be read there`, [
    checkout === false && finding('checkout-not-visible', { node, path: path ?? '' }),
    isolation === 'lite' &&
      lacks.length > 0 &&
      finding('checkout-lite-not-possible', { node, missing: lacks.join(', ') }),
  ]);
}
