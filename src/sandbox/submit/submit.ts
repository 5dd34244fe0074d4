import type { RunRequest } from '../../api/request.js';
import { sameOutput } from '../../api/same-output.js';
import type { RunCodeResponse } from '../../api/wire.js';
import { type StdioCase, type Submission, SubmissionFault } from './submission.js';

/** Tests of one submission at a time: SandboxFusion's default. */
const AT_ONCE = 3;
/** Characters of a passed test's texts that are answered. */
const SHOWN = 1000;

type Run = (request: RunRequest) => Promise<RunCodeResponse>;

/** Its keys are SandboxFusion's, in its order. Rejects as `run`, or with SubmissionFault. */
export async function judgeSubmission(submission: Submission, run: Run): Promise<Record<string, unknown>> {
  const { id, code, cases, allCases, fullCases, requestFor } = submission;
  const tests: Record<string, unknown>[] = [];
  let accepted = true;
  for (let at = 0; at < cases.length && (accepted || allCases); at += AT_ONCE) {
    const batch = cases.slice(at, at + AT_ONCE);
    const answers = await Promise.all(batch.map(({ input }) => run(requestFor(input.stdin ?? ''))));
    for (const [index, answer] of answers.entries()) {
      if (!accepted && !allCases) break;
      const each = batch[index] as StdioCase;
      if (answer.status === 'SandboxError') throw new SubmissionFault(400, answer.message);
      const passed =
        answer.status === 'Success' && sameOutput(answer.run_result?.stdout ?? '', each.output.stdout ?? '');
      tests.push({ passed, exec_info: answer, test_info: passed && !fullCases ? shortened(each) : each });
      accepted &&= passed;
    }
  }
  return {
    ...{ id, accepted, extracted_code: code, full_code: null, test_code: null },
    ...{ tests, extracted_type: null, extra: null },
  };
}

function shortened({ input, output }: StdioCase): StdioCase {
  const short = (texts: StdioCase['input']) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, ends(text)]));
  return { input: short(input), output: short(output) };
}

function ends(text: string): string {
  const characters = [...text];
  if (characters.length <= SHOWN) return text;
  const kept = Math.floor((SHOWN - 3) / 2);
  return `${characters.slice(0, kept).join('')}...${characters.slice(-kept).join('')}`;
}
