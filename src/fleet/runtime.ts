import type { RuntimeName } from './spec.js';

/** What templates/look.sh found on a node, by its keys; what the node lacks has none. */
export type NodeLook = ReadonlyMap<string, string>;

export function parseLook(printed: string): NodeLook {
  return new Map([...printed.matchAll(/^(\w+) (.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}

export interface RuntimeChoice {
  runtime: RuntimeName;
  /** One line for a person. */
  reason: string;
}

/** Said wherever srun's own options did not decide it. */
export const NO_PLUGIN = 'srun knows no --container-image';

/**
 * The runtime for nodes like the one that was looked at: a container where one can be had, since only that is
 * SandboxFusion itself, else the embedded server. What is missing for either, where neither works.
 */
export function chooseByLook(look: NodeLook): RuntimeChoice | { lacks: string[] } {
  const node = look.get('node') ?? 'the node';
  const enroot = look.get('enroot');
  const namespaces = look.get('namespaces');
  if (look.has('pyxis')) return { runtime: 'pyxis', reason: `${NO_PLUGIN} here, but it does on ${node}` };
  if (enroot !== undefined && namespaces !== 'off') {
    return { runtime: 'enroot', reason: `${NO_PLUGIN}, ${node} has enroot ${enroot}`.trimEnd() };
  }
  const needs: [boolean, string][] = [
    [
      namespaces === 'on',
      namespaces === 'off' ? 'user namespaces: they are switched off' : 'user namespaces',
    ],
    [look.has('nodejs'), 'Node 20.19 or newer'],
    [look.has('program'), 'sandboxctl, in a folder that the nodes share'],
    [look.has('python'), 'Python 3'],
  ];
  const lacks = needs.flatMap(([met, words]) => (met ? [] : [words]));
  if (lacks.length > 0) return { lacks: [...(enroot === undefined ? ['enroot'] : []), ...lacks] };
  const reason = `${NO_PLUGIN}, ${node} has no enroot, but Node ${look.get('nodejs')} and Python`;
  return { runtime: 'embedded', reason };
}
