#!/usr/bin/env node
// Old syntax, and neither import nor require: an old Node must get as far as the message.
var parts = process.versions.node.split('.').map(Number);

function fail(what, words, hint) {
  process.stderr.write([`error: ${what}`, `  ${words}`, `hint: ${hint}`, ''].join('\n'));
  process.exit(4);
}

if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  fail(
    'sandboxctl needs Node 20.19 or newer',
    `this is Node ${process.versions.node} (${process.execPath})`,
    'load a newer one, for example with `module load nodejs` or `nvm install 20`',
  );
}

import('../dist/main.js').then(
  (program) => program.main(process.argv.slice(2)),
  (error) => {
    var unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist[/\\]main\.js'? imported/.test(error.message);
    var command = unbuilt ? 'npm run build' : 'npm install';
    fail('sandboxctl is not complete here', error.message, `run \`${command}\` in its folder`);
  },
);
