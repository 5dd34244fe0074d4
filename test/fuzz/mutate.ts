import fc from 'fast-check';

/** Values that real clients hardly send, and that code forgets. */
const odd = fc.constantFrom<unknown>(
  ...[null, true, 0, -1, 1e308, '', ' ', '\0', '../..', '/etc/x', '__proto__', 'constructor', 'é😀', '='],
  ...[[], {}, [[]], { a: {} }, 'x'.repeat(5_000), Array(300).fill(1), 'QQ==', '\ud800', '1_0', 'NaN'],
);

interface Mutation {
  /** Which of the values, counted through the whole tree. */
  at: number;
  value: unknown;
}

/** A JSON text with some of its values replaced, and perhaps some of its bytes. */
export function mutatedJson(value: unknown): fc.Arbitrary<Buffer> {
  const mutations = fc.array(fc.record<Mutation>({ at: fc.nat(40), value: odd }), { maxLength: 3 });
  const bytes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 });
  return fc
    .tuple(mutations, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: bytes }))
    .map(([changes, flips]) => {
      const json = Buffer.from(JSON.stringify(changes.reduce(replaced, value)));
      for (const [at, byte] of flips) if (json.length > 0) json[at % json.length] = byte;
      return json;
    });
}

function replaced(root: unknown, { at, value }: Mutation): unknown {
  let count = 0;
  const walk = (each: unknown): unknown => {
    if (count++ === at) return value;
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, one]) => [key, walk(one)]));
  };
  return walk(root);
}
