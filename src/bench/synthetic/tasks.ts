import type { Random } from './random.js';

/** The input of every task: some numbers and one more. */
export interface Input {
  numbers: readonly number[];
  k: number;
}

/** A problem of the usual kinds, as `solve(a, k)` in three languages: ours computes the expected result. */
export interface Task {
  name: string;
  /** `scale`: 1 for a test of a millisecond; Python's time grows about in proportion. */
  input(random: Random, scale: number): Input;
  solve(input: Input): number;
  /** Lines of a function of `a` and `k`, not indented. */
  python: readonly string[];
  /** The same; `a` is a `vector<long long>`, `k` a `long long`. */
  cpp: readonly string[];
}

const MODULUS = 1_000_007;

/** `k` values made of few numbers: the inputs of such sets are short, whatever is computed of them. */
function* stretched({ numbers, k }: Input): Generator<number> {
  for (let i = 0; i < k; i += 1) yield ((numbers[i % numbers.length] as number) * (i + 1)) % 10_007;
}
const STRETCHED_IN_PYTHON = '(a[i % len(a)] * (i + 1) % 10007 for i in range(k))';
const STRETCHED_IN_CPP = 'a[i % a.size()] * (i + 1) % 10007';

export const TASKS: readonly Task[] = [
  {
    name: 'longestIncreasing',
    input: (random, scale) => ({ numbers: random.ints(20, 1, 9_999), k: 1_200 * scale }),
    solve(input) {
      const tails: number[] = [];
      for (const value of stretched(input)) {
        let [low, high] = [0, tails.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if ((tails[middle] as number) < value) low = middle + 1;
          else high = middle;
        }
        tails[low] = value;
      }
      return tails.length;
    },
    python: [
      'tails = []',
      `for value in ${STRETCHED_IN_PYTHON}:`,
      '    at = bisect.bisect_left(tails, value)',
      '    if at == len(tails):',
      '        tails.append(value)',
      '    else:',
      '        tails[at] = value',
      'return len(tails)',
    ],
    cpp: [
      'std::vector<long long> tails;',
      'for (long long i = 0; i < k; i++) {',
      `  long long value = ${STRETCHED_IN_CPP};`,
      '  auto at = std::lower_bound(tails.begin(), tails.end(), value);',
      '  if (at == tails.end()) tails.push_back(value); else *at = value;',
      '}',
      'return tails.size();',
    ],
  },
  {
    name: 'waysToPay',
    input: (random, scale) => ({ numbers: random.ints(5, 2, 60), k: random.int(3_000, 4_000) * scale }),
    solve({ numbers, k }) {
      const ways = new Array<number>(k + 1).fill(0);
      ways[0] = 1;
      for (const coin of numbers) {
        for (let sum = coin; sum <= k; sum += 1)
          ways[sum] = ((ways[sum] as number) + (ways[sum - coin] as number)) % MODULUS;
      }
      return ways[k] as number;
    },
    python: [
      'ways = [1] + [0] * k',
      'for coin in a:',
      '    for total in range(coin, k + 1):',
      `        ways[total] = (ways[total] + ways[total - coin]) % ${MODULUS}`,
      'return ways[k]',
    ],
    cpp: [
      'std::vector<long long> ways(k + 1);',
      'ways[0] = 1;',
      'for (long long coin : a)',
      `  for (long long sum = coin; sum <= k; sum++) ways[sum] = (ways[sum] + ways[sum - coin]) % ${MODULUS};`,
      'return ways[k];',
    ],
  },
  {
    name: 'longestMirrored',
    input: (random, scale) => ({ numbers: random.ints(Math.round(100 * Math.sqrt(scale)), 0, 9), k: 1 }),
    solve({ numbers }) {
      const mirrored = numbers.toReversed();
      let row = new Array<number>(numbers.length + 1).fill(0);
      for (const value of numbers) {
        const next = [0];
        for (let at = 0; at < mirrored.length; at += 1) {
          const longer = value === mirrored[at] ? (row[at] as number) + 1 : 0;
          next.push(Math.max(longer, row[at + 1] as number, next[at] as number));
        }
        row = next;
      }
      return row.at(-1) as number;
    },
    python: [
      'b = a[::-1]',
      'row = [0] * (len(b) + 1)',
      'for value in a:',
      '    new = [0]',
      '    for at, other in enumerate(b):',
      '        new.append(row[at] + 1 if value == other else max(row[at + 1], new[at]))',
      '    row = new',
      'return row[-1]',
    ],
    cpp: [
      'std::vector<long long> b(a.rbegin(), a.rend()), row(a.size() + 1), next(a.size() + 1);',
      'for (long long value : a) {',
      '  for (size_t at = 0; at < b.size(); at++)',
      '    next[at + 1] = value == b[at] ? row[at] + 1 : std::max(row[at + 1], next[at]);',
      '  std::swap(row, next);',
      '}',
      'return row.back();',
    ],
  },
  {
    name: 'longestChain',
    input: (random, scale) => ({ numbers: [1], k: random.int(150, 250) * scale }),
    solve({ k }) {
      let longest = 0;
      for (let start = 1; start < k; start += 1) {
        let length = 0;
        for (let value = start; value !== 1; length += 1) value = value % 2 === 0 ? value / 2 : 3 * value + 1;
        longest = Math.max(longest, length);
      }
      return longest;
    },
    python: [
      'longest = 0',
      'for start in range(1, k):',
      '    length, value = 0, start',
      '    while value != 1:',
      '        value = value // 2 if value % 2 == 0 else 3 * value + 1',
      '        length += 1',
      '    longest = max(longest, length)',
      'return longest',
    ],
    cpp: [
      'long long longest = 0;',
      'for (long long start = 1; start < k; start++) {',
      '  long long length = 0;',
      '  for (long long value = start; value != 1; length++) value = value % 2 == 0 ? value / 2 : 3 * value + 1;',
      '  longest = std::max(longest, length);',
      '}',
      'return longest;',
    ],
  },
  {
    name: 'divisibleRanges',
    input: (random, scale) => ({ numbers: random.ints(20, 3, 997), k: 3_000 * scale }),
    solve(input) {
      const modulus = input.numbers[0] as number;
      const seen = new Array<number>(modulus).fill(0);
      seen[0] = 1;
      let [sum, count] = [0, 0];
      for (const value of stretched(input)) {
        sum = (sum + value) % modulus;
        count += seen[sum] as number;
        seen[sum] = (seen[sum] as number) + 1;
      }
      return count;
    },
    python: [
      'seen, total, count = {0: 1}, 0, 0',
      `for value in ${STRETCHED_IN_PYTHON}:`,
      '    total = (total + value) % a[0]',
      '    count += seen.get(total, 0)',
      '    seen[total] = seen.get(total, 0) + 1',
      'return count',
    ],
    cpp: [
      'std::vector<long long> seen(a[0]);',
      'long long sum = 0, count = 0;',
      'seen[0] = 1;',
      'for (long long i = 0; i < k; i++) {',
      `  sum = (sum + ${STRETCHED_IN_CPP}) % a[0];`,
      '  count += seen[sum]++;',
      '}',
      'return count;',
    ],
  },
];
