const TOLERANCE = 1e-5;
const FLOAT = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;

/** Whether an output is the expected one, as SandboxFusion's judge compares: by lines, without case, numbers nearly. */
export function sameOutput(output: string, expected: string): boolean {
  const [lines, right] = [linesOf(output), linesOf(expected)];
  return lines.length === right.length && lines.every((line, at) => sameLine(line, right[at] ?? ''));
}

function linesOf(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.toLowerCase().trim());
}

function sameLine(line: string, expected: string): boolean {
  if (line === expected) return true;
  if (!FLOAT.test(line) || !FLOAT.test(expected)) return false;
  const [value, right] = [line, expected].map((each) => Number(each.replaceAll('_', ''))) as [number, number];
  return Math.abs(value - right) / Math.max(Math.abs(right), 1e-10) < TOLERANCE;
}
