import { finding } from '../../failures/finding.js';
import { type Check, check } from '../check.js';
import { foundOr, skipped } from '../judgement.js';

/** What clients on this machine meet on their way to the servers. */
export const NETWORK_CHECKS: readonly Check[] = [
  check('machine', 'proxies', 'Proxies', ['proxies', 'fleets', 'slurm'], ({ proxies, fleets, slurm }) => {
    const proxy = variable(proxies, 'http_proxy') ?? variable(proxies, 'all_proxy');
    if (proxy === undefined) {
      return proxies.size === 0 ? skipped('none set') : foundOr([...proxies.keys()].join(', '), []);
    }
    const deployed =
      'failed' in fleets ? [] : fleets.flatMap(({ endpoints }) => endpoints.flatMap(({ url }) => url ?? []));
    const nodes =
      slurm.kind === 'answers' ? slurm.cluster.nodes.map(({ address }) => address) : ['127.0.0.1'];
    const hosts = deployed.length > 0 ? deployed.map((url) => new URL(url).hostname) : nodes;
    const exempt = variable(proxies, 'no_proxy') ?? '';
    const caught = [...new Set(hosts)].filter((host) => !isExempt(host, exempt));
    const shown =
      caught.slice(0, 4).join(', ') + (caught.length > 4 ? `, and ${caught.length - 4} more` : '');
    return foundOr(`${proxy}, not for the servers`, [
      caught.length > 0 &&
        finding('proxy-catches-servers', {
          ...{
            proxy,
            hosts: shown,
            noProxy: [exempt, ...caught.slice(0, 20)].filter((each) => each !== '').join(','),
          },
        }),
    ]);
  }),
];

function variable(proxies: ReadonlyMap<string, string>, name: string): string | undefined {
  return proxies.get(name) ?? proxies.get(name.toUpperCase());
}

/** As curl and requests read no_proxy: names with all that is below them, `*` for every host, networks as 10.0.0.0/8. */
export function isExempt(host: string, list: string): boolean {
  const own = host.toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== '')
    .some((each) => {
      const name = each.replace(/:\d+$/, '').replace(/^\*?\./, '');
      return name === '*' || own === name || own.endsWith(`.${name}`) || inNetwork(own, each);
    });
}

function inNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const [own, of] = [numberOf(host), numberOf(base)];
  if (own === undefined || of === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(own / size) === Math.floor(of / size);
}

function numberOf(address: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
