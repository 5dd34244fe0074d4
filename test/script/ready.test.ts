import { expect, test } from 'vitest';
import { runHead } from './bash.js';
import { PATHS, render } from './specs.js';

test('a job looks at what lies in the container before anybody can send it a run', () => {
  const script = render({}, { paths: { ...PATHS, registrations: '/', submission: '/' } });
  const serve = /^serve\(\) \{\n[\s\S]*?\n\}\n/m.exec(script)?.[0] ?? '';
  const answers = runHead(
    script,
    `${serve}
     start_server() { true & SERVER=$!; }
     canary() { return 0; }
     alive() { return 1; }
     register() { echo "registered: $1" >>"$ANSWERS"; }
     end_leftovers() { echo looked >>"$ANSWERS"; }
     serve`,
  );
  expect(answers.trim().split('\n')).toEqual(['registered: starting', 'looked', 'registered: ready']);
});
