import { parseRequest, type RunRequest } from '../../api/request.js';
import { isObject } from '../../text/json-object.js';
import { extractCode } from './extract-code.js';

export interface Submission {
  id: string | number;
  code: string;
  cases: readonly StdioCase[];
  requestFor(stdin: string): RunRequest;
  allCases: boolean;
  fullCases: boolean;
}

export interface StdioCase {
  input: Readonly<Record<string, string>>;
  output: Readonly<Record<string, string>>;
}

/** A submission that cannot be judged here. `status`: of HTTP. */
export class SubmissionFault extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const COMPILED = ['cpp', 'go', 'java'];
/** Seconds, of SandboxFusion's judge. */
const COMPILED_TIMEOUT = 10;
const RUN_TIMEOUT = 20;

/** Throws SubmissionFault for other data sets, which need their database. */
export function readSubmission(body: unknown): Submission {
  if (!isObject(body) || !isObject(body.config)) throw new SubmissionFault(422, 'config: Field required');
  const { id, dataset, completion, config } = body;
  const { dataset_type: type, provided_data: data, language, custom_extract_logic: logic } = config;
  if (type !== 'CommonOJDataset' || !isObject(data)) {
    throw new SubmissionFault(
      404,
      `data set ${dataset} is not here: /submit takes tests that come with the request (config.dataset_type CommonOJDataset and provided_data; docs/compatibility.md)`,
    );
  }
  if (typeof id !== 'string' && typeof id !== 'number') throw new SubmissionFault(422, 'id: Field required');
  if (typeof completion !== 'string') throw new SubmissionFault(422, 'completion: Field required');
  if (typeof language !== 'string') {
    throw new SubmissionFault(400, 'config.language field must exist for CommonOJDataset, got None');
  }
  if (logic != null) throw new SubmissionFault(400, 'config.custom_extract_logic is not supported here');
  const code = extractCode(completion, language);
  const extra = isObject(config.extra) ? config.extra : {};
  const times = timesOf(config, language);
  return {
    id,
    code,
    cases: casesOf(data.test),
    requestFor: (stdin) => runRequest({ code, language, stdin, ...times }),
    allCases: extra.run_all_cases === true,
    fullCases: extra.return_full_case === true,
  };
}

function timesOf({ compile_timeout, run_timeout }: Readonly<Record<string, unknown>>, language: string) {
  if (!COMPILED.includes(language)) return { run_timeout: run_timeout || RUN_TIMEOUT };
  return {
    compile_timeout: compile_timeout || COMPILED_TIMEOUT,
    run_timeout: run_timeout || COMPILED_TIMEOUT,
  };
}

function runRequest(request: Record<string, unknown>): RunRequest {
  const parsed = parseRequest(Buffer.from(JSON.stringify(request)), undefined);
  if (parsed.ok) return parsed.request;
  throw new SubmissionFault(422, parsed.detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
}

function casesOf(test: unknown): StdioCase[] {
  const cases: unknown = typeof test === 'string' ? JSON.parse(test) : test;
  if (Array.isArray(cases) && cases.every(isCase)) {
    return cases.map(({ input, output }) => ({ input, output }));
  }
  throw new SubmissionFault(400, 'provided_data.test must be a list of {input: {stdin}, output: {stdout}}');
}

function isCase(value: unknown): value is StdioCase {
  if (!isObject(value)) return false;
  const { input, output } = value;
  if (!isObject(input) || !isObject(output)) return false;
  const texts = [...Object.values(input), ...Object.values(output)];
  return 'stdin' in input && 'stdout' in output && texts.every((each) => typeof each === 'string');
}
