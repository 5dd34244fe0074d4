/**
 * Python that calls a function, or a method of `Solution`, and asserts what it returns. Some sets put a result into a
 * list of its own, and numbers with a fraction are nearly equal, as Reasoning360 judges them.
 */
export function functionTest(name: string, inputs: readonly unknown[], outputs: readonly unknown[]): string {
  return `
import json as _json, math as _math

def _same(result, expected):
    if isinstance(result, float) or isinstance(expected, float):
        return _math.isclose(result, expected, rel_tol=1e-5, abs_tol=1e-5)
    if isinstance(result, (list, tuple)) and isinstance(expected, (list, tuple)):
        return len(result) == len(expected) and all(map(_same, result, expected))
    return result == expected

def _check(function, inputs, outputs):
    for given, expected in zip(inputs, outputs):
        result = function(*given)
        wrapped = isinstance(expected, list) and len(expected) == 1
        assert _same(result, expected) or wrapped and _same(result, expected[0])

_check(getattr(Solution() if "Solution" in globals() else __import__("__main__"), ${JSON.stringify(name)}),
       _json.loads(${pythonText(inputs)}), _json.loads(${pythonText(outputs)}))
`;
}

/** JSON of a value as a literal of Python: the escapes of JSON's strings are Python's as well. */
function pythonText(value: unknown): string {
  return JSON.stringify(JSON.stringify(value));
}
