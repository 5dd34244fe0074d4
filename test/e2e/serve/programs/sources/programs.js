//: what the streams are {"stdin": "a"}
for (const s of [process.stdin, process.stdout, process.stderr]) console.log(s.constructor.name, s.fd, s.isTTY, s.writableHighWaterMark, s.readableFlowing);
//: what stdin is without input
console.log(process.stdin.constructor.name, require('fs').fstatSync(0).isCharacterDevice());
//: lines of input, by events {"stdin": "3\n1 2 3\n"}
const lines = []; require('readline').createInterface({ input: process.stdin }).on('line', (l) => lines.push(l)).on('close', () => console.log(lines));
//: lines of input, by iteration {"stdin": "a\nb\n"}
(async () => { for await (const l of require('readline').createInterface({ input: process.stdin })) console.log(l.toUpperCase()); })();
//: input by readFileSync of 0, twice {"stdin": "x"}
const fs = require('fs'); console.log(fs.readFileSync(0, 'utf8'), fs.readFileSync(0, 'utf8').length);
//: prompt without a terminal {"stdin": "Ann\n"}
const r = require('readline').createInterface({ input: process.stdin, output: process.stdout }); r.question('name? ', (a) => { console.log('hi', a); r.close(); });
//: 100000 lines, then process.exit
for (let i = 0; i < 100000; i++) console.log(i); process.exit(0);
//: lines to stderr, then an error
for (let i = 0; i < 5000; i++) console.error(i); throw new Error('end');
//: process.exitCode and 'exit'
process.exitCode = 4; process.on('exit', (c) => console.log('exit', c)); process.on('beforeExit', () => console.log('before'));
//: process.exit in 'exit'
process.on('exit', () => process.exit(9)); process.exit(2);
//: process.exit of odd numbers
process.exit(256 + 3);
//: process.abort
console.log('kept'); process.abort();
//: an uncaught error
setTimeout(() => { throw new TypeError('late'); }, 10);
//: an unhandled rejection
Promise.reject(new Error('nobody'));
//: uncaughtException
process.on('uncaughtException', (e) => { console.log('caught', e.message); process.exit(5); }); null.x;
//: a syntax error
console.log('a'
//: kill of itself
process.kill(process.pid, 'SIGTERM'); setTimeout(() => console.log('no'), 1000);
//: a handler of SIGTERM
process.on('SIGTERM', () => { console.log('term'); process.exit(0); }); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10); setTimeout(() => {}, 5000);
//: SIGINT to its group
process.on('SIGINT', () => { console.log('int'); process.exit(130); }); process.kill(0, 'SIGINT'); setTimeout(() => {}, 5000);
//: a recursion that is too deep
const f = (n) => { try { return f(n + 1); } catch (e) { return e.constructor.name; } }; console.log(f(0));
//: a deep recursion that fits
const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); console.log(f(7000));
//: a stack that it raises {"run_timeout": 30}
const { spawnSync } = require('child_process'); console.log(spawnSync(process.execPath, ['--stack-size=3900', '-e', 'const f = (n) => n === 0 ? 0 : 1 + f(n - 1); console.log(f(30000))']).stdout.toString());
//: a worker with a stack of its own
const { Worker, isMainThread, parentPort } = require('worker_threads'); if (isMainThread) new Worker(__filename, { resourceLimits: { stackSizeMb: 64 } }).on('message', console.log).on('exit', (c) => console.log(c)); else { const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); parentPort.postMessage(f(50000)); process.exit(3); }
//: shared memory of threads
const { Worker, isMainThread, workerData } = require('worker_threads'); if (isMainThread) { const a = new SharedArrayBuffer(8); new Worker(__filename, { workerData: a }).on('exit', () => console.log(new Int32Array(a)[0])); } else Atomics.add(new Int32Array(workerData), 0, 5);
//: cluster and fork
const { fork } = require('child_process'); if (process.send) process.on('message', (m) => { process.send(m * 2); process.disconnect(); }); else { const c = fork(__filename); c.on('message', (m) => console.log(m)).on('exit', (x) => console.log('exit', x)); c.send(21); }
//: children: exec, spawn, signals
const { exec, spawn } = require('child_process'); exec('echo hi; exit 3', (e, o) => console.log(e.code, o)); spawn('sleep', ['30']).on('exit', (c, s) => console.log(c, s)).kill();
//: a child that shares stdio
require('child_process').spawnSync('sh', ['-c', 'echo child; cat'], { stdio: 'inherit' }); console.log('parent');
//: its arguments and its versions
console.log(process.argv.length, process.argv0, process.execArgv, process.title, process.version, process.config.variables.napi_build_version, require.main === module, __filename.endsWith('.js'));
//: its environment
console.log(Object.keys(process.env).filter((k) => /^(NODE|npm)/i.test(k)), process.env.LANG, Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).getTimezoneOffset());
//: facts of the machine
const os = require('os'); console.log(os.cpus().length > 0, os.availableParallelism?.() > 0, os.platform(), os.endianness(), os.tmpdir(), os.userInfo().uid === process.getuid(), os.homedir() === process.env.HOME, os.hostname().length > 0, os.totalmem() > 0);
//: umask, cwd, memory, times
console.log(process.umask(), process.cwd() === __dirname, process.memoryUsage().rss > 1e6, process.uptime() < 10, process.hrtime.bigint() > 0n, process.resourceUsage().userCPUTime > 0);
//: timers, ticks and promises in order
setTimeout(() => console.log('timeout'), 0); setImmediate(() => console.log('immediate')); process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('promise')); console.log('main');
//: a server and a client of HTTP
const http = require('http'); const s = http.createServer((q, a) => a.end('served')).listen(0, '127.0.0.1', () => http.get({ port: s.address().port, host: '127.0.0.1' }, (a) => a.on('data', (d) => console.log(String(d))).on('end', () => s.close())));
//: localhost by its name
require('dns').lookup('localhost', { family: 4 }, (e, a) => console.log(e, a));
//: WebAssembly, BigInt, Intl
console.log(typeof WebAssembly, 2n ** 100n, (1234.5).toLocaleString('de'), 'é'.normalize('NFD').length, structuredClone({ a: [1] }));
//: modules, and one of its own {"files": {"mine.js": "bW9kdWxlLmV4cG9ydHMgPSA0Mgo=", "data.json": "eyJhIjogMX0K"}}
console.log(require('./mine'), require('./data.json').a, require.resolve('./mine').endsWith('/mine.js')); import('fs').then((m) => console.log(typeof m.readFileSync));
//: a package of npm
const _ = require('lodash'); console.log(_.chunk([1, 2, 3], 2));
//: files: watch, temporary, descriptors
const fs = require('fs'); fs.mkdtempSync('x'); const f = fs.openSync('a', 'w+'); fs.writeSync(f, 'abc'); console.log(fs.readFileSync('a', 'utf8'), fs.readdirSync('.').length, fs.existsSync('/dev/shm'));
//: crypto and random numbers
const c = require('crypto'); console.log(c.createHash('sha256').update('x').digest('hex').slice(0, 8), c.randomBytes(8).length, c.randomUUID().length, Math.random() !== Math.random());
//: stdout is destroyed
process.stdout.destroy(); console.log('lost');
//: the end of stdout
process.stdout.write('a', () => { process.stdout.end('b'); });
//: an array that is too large
try { new Array(-1); } catch (e) { console.log(e.message); } try { 'x'.repeat(2 ** 30); } catch (e) { console.log(e.message); }
//: a hundred promises of files
const fs = require('fs/promises'); (async () => { await Promise.all([...Array(100)].map((_, i) => fs.writeFile(`f${i}`, String(i)))); console.log((await fs.readdir('.')).length); })();
