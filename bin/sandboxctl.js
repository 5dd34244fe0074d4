#!/usr/bin/env node
// CommonJS (package.json beside it) in old syntax: an old Node must get as far as the message.
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

function incomplete(error) {
  var unbuilt =
    /NOT_FOUND$/.test(error.code) && /dist[/\\](main\.js'? imported|cli[/\\]quick)/.test(error.message);
  var command = unbuilt ? 'npm run build' : 'npm install';
  fail('sandboxctl is not complete here', error.message.split('\n')[0], `run \`${command}\` in its folder`);
}

var argv = process.argv.slice(2);
// What scripts call in loops lies in one file (build.mjs).
if (argv.length === 1 && (argv[0] === '--version' || (argv[0] === 'endpoints' && !process.stdout.isTTY))) {
  try {
    require('../dist/cli/quick.cjs').quick(argv).catch(incomplete);
  } catch (error) {
    incomplete(error);
  }
} else {
  import('../dist/main.js').then((program) => program.main(argv)).catch(incomplete);
}
