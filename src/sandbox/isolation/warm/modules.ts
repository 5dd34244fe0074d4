/** What many programs of judges and their graders import, of the standard library. */
export const USUAL_MODULES = [
  ...['math', 'cmath', 'random', 're', 'string', 'json', 'time', 'datetime', 'copy', 'operator', 'itertools'],
  ...['collections', 'collections.abc', 'heapq', 'bisect', 'functools', 'typing', 'enum', 'abc'],
  ...['contextlib', 'decimal', 'fractions', 'statistics', 'io', 'threading', 'array', 'struct', 'traceback'],
  ...['signal', 'warnings', 'types', 'numbers', 'builtins', 'gc', 'weakref'],
];

/** What some import: together as large as all of those, and each fork of an interpreter pays for what it has loaded. */
export const MORE_MODULES = [
  ...[
    'argparse',
    'ast',
    'calendar',
    'csv',
    'dataclasses',
    'hashlib',
    'inspect',
    'locale',
    'logging',
    'pathlib',
    'platform',
    'pprint',
    'queue',
  ],
  ...['resource', 'shutil', 'subprocess', 'tempfile', 'textwrap', 'unittest', 'uuid'],
];
