#!/usr/bin/env node
// Old syntax, and neither import nor require: an old Node must get as far as the message.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  process.stderr.write(
    'error: sandboxctl needs Node 20.19 or newer\n' +
      '  this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ')\n' +
      'hint: load a newer Node, for example with `module load nodejs` or `nvm install 20`\n',
  );
  process.exit(4);
}
import('../dist/main.js').then(
  (program) => program.main(process.argv.slice(2)),
  (error) => {
    var unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist[/\\]main\.js'? imported/.test(error.message);
    process.stderr.write(
      'error: sandboxctl is not complete here\n' +
        '  ' +
        error.message +
        '\n' +
        'hint: ' +
        (unbuilt ? 'run `npm run build`' : 'run `npm install`') +
        ' in the folder of sandboxctl\n',
    );
    process.exit(4);
  },
);
