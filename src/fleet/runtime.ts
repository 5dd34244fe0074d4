import type { RuntimeName } from './spec.js';

/** What templates/probe-node.sh found on a node. A key is missing if the node lacks it. */
export type NodeProbe = ReadonlyMap<string, string>;

export function parseNodeProbe(printed: string): NodeProbe {
  return new Map([...printed.matchAll(/^(\w+) (.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}

export interface RuntimeChoice {
  runtime: RuntimeName;
  reason: string;
}

export const NO_PYXIS = 'no pyxis';

/**
 * A container if possible, since only that runs SandboxFusion itself; else the embedded server, else what is
 * missing.
 */
export function chooseByProbe(probe: NodeProbe): RuntimeChoice | { lacks: string[] } {
  const node = probe.get('node') ?? 'the node';
  const enroot = probe.get('enroot');
  const namespaces = probe.get('namespaces');
  if (probe.has('pyxis')) return { runtime: 'pyxis', reason: `pyxis found on ${node}` };
  if (enroot !== undefined && namespaces !== 'off') {
    return { runtime: 'enroot', reason: `${NO_PYXIS}; enroot ${enroot} found on ${node}`.replace('  ', ' ') };
  }
  const needs: [boolean, string][] = [
    [
      namespaces === 'on',
      namespaces === 'off' ? 'user namespaces: they are switched off' : 'user namespaces',
    ],
    [probe.has('nodejs'), 'Node 20.19 or newer'],
    [probe.has('program'), 'sandboxctl, in a folder that the nodes share'],
    [probe.has('python'), 'Python 3'],
  ];
  const lacks = needs.flatMap(([met, words]) => (met ? [] : [words]));
  if (lacks.length > 0) return { lacks: [...(enroot === undefined ? ['enroot'] : []), ...lacks] };
  const reason = `${NO_PYXIS}, no enroot on ${node}; Node ${probe.get('nodejs')} and Python found`;
  return { runtime: 'embedded', reason };
}
