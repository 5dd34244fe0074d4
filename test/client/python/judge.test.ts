import { expect, test } from 'vitest';
import { servedModule } from './served-module.js';

const served = servedModule();

test('the module is valid Python 3.8', async () => {
  const parse = 'import ast; show(bool(ast.parse(open("sandbox.py").read(), feature_version=(3, 8))))';
  expect(await served.module.python(parse)).toBe(true);
});

/** Arguments of judge() in Python, and what is told: verdict, test, mask, reward. */
const ADD = "'def add(a, b): return a + b'";
const DOUBLE = "'print(int(input()) * 2)'";
const VERDICTS: readonly [args: string, told: unknown[]][] = [
  [`${ADD}, ['assert add(1, 2) == 3', 'assert add(0, 0) == 0']`, ['passed', null, false, 1]],
  [`${ADD}, ['assert add(1, 2) == 3', 'assert add(0, 0) == 1']`, ['failed', 1, false, 0]],
  [`${ADD}, 'x = 5\\nassert add(1, 2) == 3\\nassert add(1, x) == 7'`, ['failed', 2, false, 0]],
  ["'def add(a, b:', ['assert add(1, 2) == 3']", ['compile_error', null, false, 0]],
  // It ends with 0 and has passed nothing.
  ["'exit()', ['assert 1']", ['failed', 0, false, 0]],
  ["'while 1: pass', ['assert 1'], timeout=0.5", ['timeout', 0, false, 0]],
  [`${DOUBLE}, [('2', '4'), ('3\\n', '6 \\n\\n')]`, ['passed', null, false, 1]],
  [`${DOUBLE}, [{'input': '2', 'output': '4'}, {'stdin': '3', 'stdout': '7'}]`, ['failed', 1, false, 0]],
  [`${DOUBLE}, '{"inputs": ["2", "3"], "outputs": ["4", "6"]}'`, ['passed', null, false, 1]],
  [`${ADD}, {'assert_case': ['assert add(1, 1) == 2']}`, ['passed', null, false, 1]],
  ["'int main() { return 1', [('', '')], 'cpp'", ['compile_error', null, false, 0]],
  [`'print(1)', [('', '1')], 'cobol'`, ['invalid', 0, false, null]],
  ["'print(1)', []", ['invalid', null, false, null]],
  ["'print(1)', [1]", ['invalid', null, false, null]],
  ["'x = \"\\ud800\"', ['assert 1']", ['failed', null, false, 0]],
];

test('a verdict says what became of the tests, and which one decided', async () => {
  const script = `show([told(judge(*args, **options)) for args, options in [${VERDICTS.map(
    ([args]) => `(lambda *a, **o: (a, o))(${args})`,
  ).join(',\n')}]])`;
  expect(await served.module.python(script)).toEqual(VERDICTS.map(([, told]) => told));
});

test('tests for pytest really run, and a failing one has a name', async () => {
  const verdicts = await served.module.python(`
has = run('import pytest').ok
tests = 'def test_right():\\n    assert add(1, 2) == 3\\ndef test_wrong():\\n    assert add(1, 2) == 4'
quits = judge('import os; os._exit(0)', tests).verdict
show([has, told(judge(${ADD}, tests)), quits, code_exec_sandboxfusion_with_pytest(${ADD}, tests)[0],
      code_exec_sandboxfusion_with_pytest(${ADD}, tests)[1][:80], judge(${ADD}, tests).reason])`);
  const [has, told, quits, passed, output, reason] = verdicts as [
    boolean,
    unknown[],
    string,
    boolean,
    string,
    string,
  ];
  expect(passed).toBe(false);
  if (has) {
    expect([told, reason]).toEqual([['failed', 'test_wrong', false, 0], 'assert 3 == 4']);
    expect(quits, 'a program that ends with 0 before its tests').toBe('failed');
  } else {
    expect([told, reason]).toEqual([['infra', null, true, null], expect.stringContaining('no pytest')]);
    expect(output).toContain('the sandbox failed: the server has no pytest');
  }
});

test("Reasoning360's function returns what it always did", async () => {
  const answers = await served.module.python(`show([code_exec_sandboxfusion('print(input())', 'hi', 5),
    code_exec_sandboxfusion('import sys; print(1); sys.exit("no")', timeout=5)])`);
  expect(answers).toEqual([
    [true, 'hi\n'],
    [false, 'Failed to execute program: STDOUT:\n1\n\n\nSTDERR:\nno\n'],
  ]);
});

test('many samples keep their order, report progress, and hold no more than is asked for', async () => {
  const [verdicts, taken, counts, async_] = await served.module.python<
    [string[], number, number[], string[]]
  >(`
import asyncio
taken = 0
def samples():
    global taken
    for index in range(30):
        taken += 1
        yield (${ADD}, ['assert add(%d, 1) == %d' % (index, index + 1 + (index % 7 == 0))])
counts = []
judging = judge_many(samples(), 2, progress=lambda count, verdict: counts.append(count))
first = next(judging)
seen = taken
verdicts = [first] + list(judging)
dicts = [dict(code=${DOUBLE}, tests=[('2', '4')]), dict(code=${DOUBLE}, tests=[('2', '5')])]
show([[v.verdict for v in verdicts], seen, counts, [v.verdict for v in asyncio.run(ajudge_many(dicts))]])`);
  expect(verdicts).toEqual(Array.from({ length: 30 }, (_, index) => (index % 7 === 0 ? 'failed' : 'passed')));
  expect(taken).toBe(4);
  expect(counts).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(async_).toEqual(['passed', 'failed']);
});

test('files go both ways, and memory and compile limits are told', async () => {
  const script = `
result = run("open('out', 'wb').write(open('in', 'rb').read()[::-1])", files={'in': b'\\x00\\xffabc'}, fetch_files=['out'])
heavy = run("x = 'a' * 10**9", memory_limit_mb=100)
show([result.ok, list(result.files['out']), heavy.ok, heavy.infra, run('print(1)', on_infra='raise').stdout])`;
  expect(await served.module.python(script)).toEqual([true, [99, 98, 97, 255, 0], false, false, '1\n']);
});

test('a fork in the middle of runs, and threads, keep working', async () => {
  const script = `
import faulthandler, os, threading, warnings
warnings.simplefilter('ignore', DeprecationWarning)
printed = []
for _ in range(6):
    threads = [threading.Thread(target=lambda: run('print(1)')) for _ in range(4)]
    [each.start() for each in threads]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(60, exit=True)
        os.write(writing, run('print(42)').stdout.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    [each.join() for each in threads]
    printed.append(os.read(reading, 99).decode())
show(printed)`;
  expect(await served.module.python(script)).toEqual(Array(6).fill('42\n'));
});

test('proxies of the environment are not asked', async () => {
  const proxy = 'http://127.0.0.1:9';
  expect(
    await served.module.python("show(run('print(1)').stdout)", {
      http_proxy: proxy,
      HTTP_PROXY: proxy,
      ALL_PROXY: proxy,
    }),
  ).toBe('1\n');
});

test('verl, NeMo Gym and rLLM get what they read', async () => {
  const answer = "'Sure:\\n```python\\nprint(int(input()) * 2)\\n```\\n'";
  const tests = `'{"inputs": ["2"], "outputs": ["4"]}'`;
  const script = `
right = compute_score(data_source='code', solution_str=${answer}, ground_truth=${tests}, extra_info={}, reward_router_address=None)
none = compute_score('code', 'no code at all', ${tests})
use('http://127.0.0.1:9')
masked = judge(${DOUBLE}, [('2', '4')], patience=0, timeout=1, compile_timeout=0)
lost = compute_score('code', ${answer}, ${tests}, patience=0, timeout=1, compile_timeout=0)
use(None)
passed = judge(${DOUBLE}, [('2', '4')])
try:
    rllm(masked)
except SandboxInfraError as error:
    raised = str(error)
show([right, none, lost, nemo_gym(passed), nemo_gym(masked), rllm(passed), raised])`;
  const [right, none, lost, ...others] = await served.module.python<Record<string, unknown>[]>(script);
  expect(right).toEqual({ score: 1, acc: 1, infra: 0, verdict: 'passed', reason: '' });
  expect(none).toEqual({
    score: 0,
    acc: 0,
    infra: 0,
    verdict: 'failed',
    reason: 'the answer has no block of code',
  });
  expect(lost).toMatchObject({ score: 0, acc: 0, infra: 1, verdict: 'infra' });
  expect(others).toEqual([
    { reward: 1, mask_sample: false },
    { reward: 0, mask_sample: true },
    { reward: 1, is_correct: true, metadata: { verdict: 'passed', test: null, reason: '' } },
    expect.stringContaining('no connection'),
  ]);
});
