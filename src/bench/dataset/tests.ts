import { isObject, type JsonObject } from '../../text/json-object.js';
import type { TestCase } from '../problem.js';
import { functionTest } from './function-test.js';
import { joined } from './program.js';
import { kindOf, type Row } from './row.js';

/** `appended`: code that asserts, behind the program's own. `cases`: inputs and the expected outputs. */
export type Tests =
  | { kind: 'appended'; code: string }
  | { kind: 'pytest'; code: string }
  | { kind: 'cases'; cases: TestCase[] };

/** The tests of a line. Where a line has several kinds, the one that comes first here counts. */
export function testsOf(row: Row): Tests | undefined {
  const truth = groundTruth(row);
  if (truth !== undefined) return fromGroundTruth(row, truth);
  if (row.mistakes.length > 0) return undefined;
  const pytest = row.text('pytest');
  if (pytest !== undefined) return { kind: 'pytest', code: pytest };
  const asserts = assertsOf(row);
  if (asserts !== undefined) return { kind: 'appended', code: asserts };
  const pairs = row.first('input_output');
  if (pairs !== undefined) return fromPairs(row, 'input_output', row.object('input_output', pairs.value));
  if (row.first('inputs') !== undefined && row.first('outputs') !== undefined)
    return fromPairs(row, '', row.fields);
  const cases = row.first('test_cases', 'tests', 'cases', 'public_test_cases');
  if (typeof cases?.value === 'string' && !cases.value.trimStart().startsWith('['))
    return { kind: 'appended', code: cases.value };
  if (cases !== undefined) return fromCases(row, cases.name, row.list(cases.name, cases.value));
  const expected = row.text(...EXPECTED);
  if (expected !== undefined)
    return { kind: 'cases', cases: [{ stdin: row.text(...STDIN) ?? null, expected }] };
  if (row.mistakes.length > 0) return undefined;
  return row.mistake(
    'no tests: none of expected_output, test_cases, inputs and outputs, input_output, test, asserts, test_list, pytest, reward_model.ground_truth',
  );
}

const STDIN = ['stdin', 'input'] as const;
const EXPECTED = ['expected_output', 'expected_stdout', 'expected', 'output', 'stdout'] as const;

/** verl's files: an object, mostly as JSON in a text. */
function groundTruth(row: Row): JsonObject | undefined {
  const model = isObject(row.fields.reward_model) ? row.fields.reward_model.ground_truth : undefined;
  const value = model ?? row.fields.ground_truth;
  return value === undefined || value === null ? undefined : row.object('ground_truth', value);
}

function fromGroundTruth(row: Row, truth: JsonObject): Tests | undefined {
  if (typeof truth.functional === 'string') return { kind: 'appended', code: truth.functional };
  if (typeof truth.pytest === 'string') return { kind: 'pytest', code: truth.pytest };
  if (truth.inputs !== undefined && truth.outputs !== undefined) return fromPairs(row, 'ground_truth', truth);
  return row.mistake('ground_truth has neither functional, pytest nor inputs and outputs');
}

/** LeetCodeDataset and HumanEval define `check`, which somebody must call; MBPP has a list of assertions. */
function assertsOf(row: Row): string | undefined {
  const test = row.text('test');
  if (test !== undefined) {
    const entry = row.text('entry_point');
    return entry === undefined || !/\bdef check\(/.test(test) ? test : `${test}\n\ncheck(${entry.trim()})\n`;
  }
  const found = row.first('asserts', 'test_list', 'assertions');
  if (found === undefined) return undefined;
  const { name, value } = found;
  const lines =
    typeof value === 'string' && !value.trimStart().startsWith('[') ? [value] : row.list(name, value);
  if (lines === undefined) return undefined;
  const odd = lines.find((line) => typeof line !== 'string');
  if (odd !== undefined) return row.mistake(`${name} has ${kindOf(odd)} where an assertion should be`);
  if (lines.length === 0) return row.mistake(`${name} is empty`);
  return joined(row.text('test_setup_code'), `${lines.join('\n')}\n`);
}

/** APPS and TACO: two lists, and the name of a function unless they are texts for stdin and stdout. */
function fromPairs(row: Row, name: string, pairs: JsonObject | undefined): Tests | undefined {
  if (pairs === undefined) return undefined;
  const prefix = name === '' ? '' : `${name}.`;
  const where = name === '' ? 'the line' : name;
  const [inputs, outputs] = [
    row.list(`${prefix}inputs`, pairs.inputs),
    row.list(`${prefix}outputs`, pairs.outputs),
  ];
  if (inputs === undefined || outputs === undefined) return undefined;
  if (inputs.length !== outputs.length)
    return row.mistake(`${where} has ${inputs.length} inputs and ${outputs.length} outputs`);
  if (inputs.length === 0) return row.mistake(`${where} has no inputs`);
  if (typeof pairs.fn_name === 'string')
    return { kind: 'appended', code: functionTest(pairs.fn_name, inputs, outputs) };
  const cases = inputs.map((input, at) => caseOf(row, `${prefix}inputs[${at}]`, input, outputs[at]));
  return allThere(cases);
}

function fromCases(row: Row, name: string, list: readonly unknown[] | undefined): Tests | undefined {
  if (list === undefined) return undefined;
  if (list.length === 0) return row.mistake(`${name} is empty`);
  if (list.every((each) => typeof each === 'string'))
    return { kind: 'appended', code: `${list.join('\n')}\n` };
  const cases = list.map((each, at) => {
    if (!isObject(each)) return row.mistake(`${name}[${at}] must be an object, not ${kindOf(each)}`);
    const value = (names: readonly string[]) => each[names.find((key) => each[key] !== undefined) ?? ''];
    return caseOf(row, `${name}[${at}]`, value(STDIN) ?? null, value(EXPECTED));
  });
  return allThere(cases);
}

function caseOf(row: Row, name: string, input: unknown, output: unknown): TestCase | undefined {
  const [stdin, expected] = [linesOf(input), linesOf(output)];
  if (input !== null && stdin === undefined)
    return row.mistake(`${name}: the input must be a string or a list of lines, not ${kindOf(input)}`);
  if (expected === undefined)
    return row.mistake(
      `${name}: the expected output must be a string or a list of lines, not ${kindOf(output)}`,
    );
  return { stdin: stdin ?? null, expected };
}

function linesOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const isLines = Array.isArray(value) && value.every((line) => typeof line === 'string');
  return isLines ? value.join('\n') : undefined;
}

function allThere(cases: readonly (TestCase | undefined)[]): Tests | undefined {
  const there = cases.filter((each) => each !== undefined);
  return there.length === cases.length ? { kind: 'cases', cases: there } : undefined;
}
