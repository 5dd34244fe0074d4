/** What programs of judges and their graders import, of the standard library. */
export const USUAL_MODULES = [
  ...['math', 'cmath', 'random', 're', 'string', 'json', 'time', 'datetime', 'calendar', 'copy', 'operator'],
  ...['collections', 'collections.abc', 'heapq', 'bisect', 'itertools', 'functools', 'typing', 'dataclasses'],
  ...['enum', 'abc', 'contextlib', 'decimal', 'fractions', 'statistics', 'io', 'queue', 'threading', 'array'],
  ...['struct', 'textwrap', 'traceback', 'inspect', 'ast', 'tempfile', 'shutil', 'subprocess', 'signal'],
  ...['hashlib', 'uuid', 'unittest', 'argparse', 'logging', 'csv', 'pprint', 'warnings', 'types', 'numbers'],
  ...['platform', 'resource', 'builtins', 'pathlib', 'itertools', 'locale', 'gc', 'weakref'],
];
