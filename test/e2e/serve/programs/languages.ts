import type { ProgramCase, Subject } from './case.js';

const go = (imports: string, body: string) =>
  `package main\nimport (${imports
    .split(' ')
    .map((name) => `"${name}"`)
    .join('; ')})\nfunc main() { ${body} }`;
const java = (body: string) =>
  `import java.io.*; import java.nio.file.*;\nclass Main { public static void main(String[] a) throws Exception { ${body} } }`;
const rust = (body: string) => `use std::io::{Read, Write};\nfn main() { ${body} }`;
const cpp = (body: string) => `#include <bits/stdc++.h>\nint main() { ${body} }`;

/** What a program does, in every language: reads, writes by name, much at once, in another alphabet, ends itself. */
const FEATURES: Readonly<Record<string, { stdin?: string; code: Readonly<Record<string, string>> }>> = {
  'reads all of its input': {
    stdin: 'first\nsecond\n'.repeat(5000),
    code: {
      python: 'import sys; print(len(sys.stdin.read()))',
      nodejs: "console.log(require('fs').readFileSync(0).length)",
      php: 'echo strlen(stream_get_contents(STDIN)), "\\n";',
      bash: 'wc -c; wc -c </dev/null',
      lua: 'print(#io.read("a"))',
      R: 'cat(length(readLines(file("stdin"))), "\\n")',
      perl: 'local $/; print length(<STDIN>), "\\n"',
      ruby: 'puts STDIN.read.length',
      go: go('fmt io os', 'b, _ := io.ReadAll(os.Stdin); fmt.Println(len(b))'),
      java: java('System.out.println(System.in.readAllBytes().length);'),
      rust: rust(
        'let mut s = String::new(); std::io::stdin().read_to_string(&mut s).unwrap(); println!("{}", s.len());',
      ),
      cpp: cpp(
        'std::string s((std::istreambuf_iterator<char>(std::cin)), {}); std::cout << s.size() << "\\n";',
      ),
      racket: '#lang racket/base\n(require racket/port)\n(displayln (string-length (port->string)))',
    },
  },
  'opens /dev/stdin': {
    stdin: 'by name\n',
    code: {
      python: "print(open('/dev/stdin').read(), end='')",
      nodejs: "process.stdout.write(require('fs').readFileSync('/dev/stdin', 'utf8'))",
      php: "echo fgets(fopen('/dev/stdin', 'r'));",
      bash: 'cat /dev/stdin /dev/null',
      lua: "io.write(io.open('/dev/stdin'):read('a'))",
      R: 'cat(readLines("/dev/stdin"), "\\n")',
      perl: "open my $f, '<', '/dev/stdin' or die $!; print <$f>",
      ruby: "print File.read('/dev/stdin')",
      go: go('fmt os', 'b, err := os.ReadFile("/dev/stdin"); fmt.Print(string(b), err)'),
      java: java('System.out.print(Files.readString(Path.of("/dev/stdin")));'),
      rust: rust(
        'print!("{}", std::fs::read_to_string("/dev/stdin").unwrap()); std::io::stdout().flush().unwrap();',
      ),
      cpp: cpp('std::ifstream in("/dev/stdin"); std::cout << in.rdbuf();'),
    },
  },
  'opens /dev/stdout and /dev/stderr': {
    code: {
      python: "open('/dev/stdout', 'w').write('out'); open('/dev/stderr', 'w').write('err')",
      nodejs:
        "require('fs').writeFileSync('/dev/stdout', 'out'); require('fs').writeFileSync('/dev/stderr', 'err')",
      php: "file_put_contents('/dev/stdout', 'out'); file_put_contents('/dev/stderr', 'err');",
      bash: 'echo out >>/dev/stdout; echo err >/dev/stderr',
      lua: "io.open('/dev/stdout', 'w'):write('out'):close(); io.open('/dev/stderr', 'w'):write('err'):close()",
      perl: "open my $o, '>', '/dev/stdout' or die; print $o 'out'; open my $e, '>>', '/dev/stderr' or die; print $e 'err'",
      ruby: "File.write('/dev/stdout', 'out'); File.write('/dev/stderr', 'err')",
      go: go(
        'os',
        'os.WriteFile("/dev/stdout", []byte("out"), 0); os.WriteFile("/dev/stderr", []byte("err"), 0)',
      ),
      java: java(
        'Files.writeString(Path.of("/dev/stdout"), "out", StandardOpenOption.WRITE); Files.writeString(Path.of("/dev/stderr"), "err", StandardOpenOption.WRITE);',
      ),
      rust: rust(
        'std::fs::write("/dev/stdout", "out").unwrap(); std::fs::write("/dev/stderr", "err").unwrap();',
      ),
      cpp: cpp('std::ofstream("/dev/stdout") << "out"; std::ofstream("/dev/stderr") << "err";'),
    },
  },
  'prints a part of a line and exits with 7': {
    code: {
      python: "import sys; print('part', end=''); sys.exit(7)",
      nodejs: "process.stdout.write('part'); process.exit(7)",
      php: "echo 'part'; exit(7);",
      bash: 'printf part; exit 7',
      lua: "io.write('part'); os.exit(7)",
      R: 'cat("part"); quit(status = 7)',
      perl: "print 'part'; exit 7",
      ruby: "print 'part'; exit 7",
      go: go('fmt os', 'fmt.Print("part"); os.Exit(7)'),
      java: java('System.out.print("part"); System.exit(7);'),
      rust: rust('print!("part"); std::io::stdout().flush().unwrap(); std::process::exit(7);'),
      cpp: cpp('std::cout << "part"; exit(7);'),
      racket: '#lang racket/base\n(display "part") (exit 7)',
    },
  },
  'prints a megabyte': {
    code: {
      python: "print('x' * 1000000)",
      nodejs: "for (let i = 0; i < 1000; i++) console.log('x'.repeat(999))",
      php: "echo str_repeat('x', 1000000);",
      bash: "head -c 1000000 /dev/zero | tr '\\0' x",
      lua: "io.write(string.rep('x', 1000000))",
      R: 'cat(strrep("x", 1000000))',
      perl: "print 'x' x 1000000",
      ruby: "print 'x' * 1000000",
      go: go('fmt strings', 'fmt.Print(strings.Repeat("x", 1000000))'),
      java: java('System.out.print("x".repeat(1000000));'),
      rust: rust('print!("{}", "x".repeat(1000000)); std::io::stdout().flush().unwrap();'),
      cpp: cpp("std::cout << std::string(1000000, 'x');"),
    },
  },
  'another alphabet': {
    stdin: 'é😀\n',
    code: {
      python:
        'import sys, locale; s = input(); print(s, len(s), sys.getfilesystemencoding(), sys.stdout.encoding, locale.getlocale())',
      nodejs:
        "console.log(require('fs').readFileSync(0, 'utf8').trim(), new Date(0).toLocaleString(), Intl.DateTimeFormat().resolvedOptions().locale)",
      php: 'echo trim(fgets(STDIN)), setlocale(LC_ALL, 0);',
      bash: 'read -r s; echo "$s" "$(printf %s "$s" | wc -m)"; locale; printf "%s\\n" b A a B | sort',
      perl: "use POSIX; my $s = <STDIN>; print $s, length($s), POSIX::setlocale(LC_ALL, '')",
      ruby: 'puts gets, Encoding.default_external',
      java: java(
        'System.out.println(new BufferedReader(new InputStreamReader(System.in)).readLine() + java.nio.charset.Charset.defaultCharset() + java.util.Locale.getDefault());',
      ),
      R: 'cat(readLines(file("stdin")), Sys.getlocale(), "\\n")',
      cpp: cpp('std::string s; std::cin >> s; std::cout << s << s.size() << setlocale(LC_ALL, "");'),
    },
  },
  'a file in its folder, and a temporary one': {
    code: {
      python:
        "import tempfile; open('own.txt', 'w').write('x'); print(open('own.txt').read(), tempfile.TemporaryFile().read())",
      nodejs:
        "const fs = require('fs'); fs.writeFileSync('own.txt', 'x'); console.log(fs.readFileSync('own.txt', 'utf8'), fs.readdirSync('.').length)",
      bash: 'echo x >own.txt; cat own.txt; t=$(mktemp) && echo y >"$t" && cat "$t" && rm "$t"; ls | wc -l',
      perl: "use File::Temp 'tempfile'; my ($f, $n) = tempfile(UNLINK => 1); print $f 'x'; close $f; print -s $n",
      java: java(
        'Path p = Files.createTempFile("a", "b"); Files.writeString(p, "x"); System.out.println(Files.readString(p)); Files.delete(p);',
      ),
      cpp: cpp('FILE* f = tmpfile(); fputs("x", f); rewind(f); std::cout << (char)fgetc(f);'),
      ruby: "require 'tempfile'; Tempfile.create { |f| f.write('x'); f.flush; puts File.size(f.path) }",
    },
  },
  'what is written when it is over': {
    code: {
      python: "import atexit; atexit.register(lambda: print('at exit')); print('main')",
      nodejs: "process.on('exit', () => console.log('at exit')); console.log('main')",
      php: "register_shutdown_function(function () { echo 'at exit'; }); echo 'main';",
      bash: "trap 'echo at exit' EXIT; echo main",
      perl: "print 'main'; END { print 'at exit' }",
      ruby: "at_exit { puts 'at exit' }; puts 'main'",
      java: java(
        'Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("at exit"))); System.out.println("main");',
      ),
      cpp: cpp('atexit([] { puts("at exit"); }); puts("main");'),
      go: go('fmt', 'defer fmt.Println("at exit"); fmt.Println("main")'),
    },
  },
  'an error that nobody catches': {
    code: {
      python: "def f(): raise ValueError('no')\nf()",
      php: "throw new Exception('no');",
      bash: 'set -eu; echo before; echo "$unset"; echo after',
      lua: "error('no')",
      perl: "die 'no'",
      ruby: "raise 'no'",
      R: 'stop("no")',
      java: java('throw new IllegalStateException("no");'),
      rust: rust('std::process::abort();'),
      cpp: cpp('throw std::runtime_error("no");'),
    },
  },
  'children and their exit codes': {
    code: {
      python:
        "import subprocess; print(subprocess.run(['sh', '-c', 'exit 130']).returncode, subprocess.run(['sh', '-c', 'kill -9 $$']).returncode)",
      nodejs:
        "const { spawnSync } = require('child_process'); const r = spawnSync('sh', ['-c', 'echo hi; kill -15 $$']); console.log(r.status, r.signal, String(r.stdout))",
      php: "exec('echo hi; exit 5', $out, $code); echo $out[0], $code;",
      bash: '(exit 130); echo $?; sh -c "kill -INT \\$\\$"; echo $?',
      lua: "print(os.execute('exit 3'))",
      perl: "system('exit 4'); print $? >> 8",
      ruby: "system('exit 6'); puts $?.exitstatus",
      java: java('System.out.println(new ProcessBuilder("sh", "-c", "exit 9").start().waitFor());'),
      go: go('fmt os/exec', 'fmt.Println(exec.Command("sh", "-c", "exit 8").Run())'),
      cpp: cpp('std::cout << WEXITSTATUS(system("exit 3"));').replace(
        '#include <bits',
        '#include <sys/wait.h>\n#include <bits',
      ),
    },
  },
  threads: {
    code: {
      python:
        'import threading; r = []; t = [threading.Thread(target=r.append, args=(i,)) for i in range(50)]; [x.start() for x in t]; [x.join() for x in t]; print(len(r))',
      nodejs:
        "const { Worker, isMainThread, parentPort } = require('worker_threads'); if (isMainThread) new Worker(__filename).on('message', m => console.log(m)); else parentPort.postMessage('from a worker')",
      java: java(
        'Thread[] t = new Thread[50]; int[] n = {0}; for (int i = 0; i < 50; i++) { t[i] = new Thread(() -> { synchronized (n) { n[0]++; } }); t[i].start(); } for (Thread x : t) x.join(); System.out.println(n[0]);',
      ),
      go: go(
        'fmt sync',
        'var w sync.WaitGroup; var m sync.Mutex; n := 0; for i := 0; i < 1000; i++ { w.Add(1); go func() { m.Lock(); n++; m.Unlock(); w.Done() }() }; w.Wait(); fmt.Println(n)',
      ),
      rust: rust(
        'let t: Vec<_> = (0..50).map(|i| std::thread::spawn(move || i)).collect(); println!("{}", t.into_iter().map(|x| x.join().unwrap()).sum::<i32>());',
      ),
      cpp: cpp(
        'std::atomic<int> n{0}; std::vector<std::thread> t; for (int i = 0; i < 50; i++) t.emplace_back([&] { n++; }); for (auto& x : t) x.join(); std::cout << n;',
      ),
      ruby: 'puts (1..50).map { |i| Thread.new { i } }.map(&:value).sum',
      perl: 'print join ",", map { my $p = fork; exit $_ if !$p; waitpid $p, 0; $? >> 8 } 1 .. 9',
    },
  },
};

/** Every feature in every language that has it. */
export const LANGUAGE_PROGRAMS: Subject = Object.entries(FEATURES).flatMap(([feature, { stdin, code }]) =>
  Object.entries(code).map(
    ([language, text]): ProgramCase => ({
      name: `${language}: ${feature}`,
      language,
      code: text,
      ...(stdin === undefined ? {} : { stdin }),
      compile_timeout: 120,
      run_timeout: 60,
      // What verl sends with every program.
      memory_limit_MB: 1024,
    }),
  ),
);
