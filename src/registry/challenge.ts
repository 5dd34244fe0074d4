export type Challenge =
  | { scheme: 'basic' }
  | { scheme: 'bearer'; realm: string; parameters: Record<string, string> };

export function parseChallenge(header: string): Challenge | null {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(header) ?? [];
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  if (scheme.toLowerCase() !== 'bearer') return null;
  const { realm, ...parameters } = Object.fromEntries(
    [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
  );
  return realm === undefined || !URL.canParse(realm) ? null : { scheme: 'bearer', realm, parameters };
}
