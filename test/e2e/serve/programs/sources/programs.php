#: STDIN, fgets, fscanf, php://stdin {"stdin": "3\n1 2 3\nrest\n"}
fscanf(STDIN, "%d", $n); echo array_sum(explode(' ', trim(fgets(STDIN)))) + $n, "\n", file_get_contents('php://stdin');
#: exit codes
register_shutdown_function(function () { echo "down\n"; }); exit(300);
#: exit with words
exit('words');
#: an error of its own, warnings
echo $nosuch; echo intdiv(1, 0);
#: a fatal error
nosuch();
#: a parse error
echo 'a
#: a memory limit of its own
ini_set('memory_limit', '16M'); str_repeat('x', 20_000_000);
#: output to stderr, php://output, flush
fwrite(STDERR, 'err'); file_put_contents('php://output', 'out'); fflush(STDOUT); error_log('logged');
#: environment, arguments, versions
echo PHP_SAPI, $argc, count($argv), PHP_INT_SIZE, getcwd() === __DIR__ ? 1 : 0, ini_get('max_execution_time'), ini_get('display_errors'), date_default_timezone_get(), setlocale(LC_ALL, 0), ' ', PHP_OS, get_current_user() !== '' ? 1 : 0, sys_get_temp_dir() !== '' ? 1 : 0;
#: deep recursion
function f($n) { return $n ? 1 + f($n - 1) : 0; } echo f(50000);
#: shell_exec, proc_open, exit codes
echo shell_exec('echo hi'); $p = proc_open('cat; exit 5', [['pipe', 'r'], ['pipe', 'w']], $io); fwrite($io[0], 'x'); fclose($io[0]); echo stream_get_contents($io[1]), proc_close($p);
#: signals, where pcntl is there
echo function_exists('pcntl_fork') ? 1 : 0; if (function_exists('posix_kill')) posix_kill(getmypid(), 15);
#: streams, temporary files, sockets
$t = tmpfile(); fwrite($t, 'x'); fseek($t, 0); echo fread($t, 9); [$a, $b] = stream_socket_pair(1, 1, 0); fwrite($a, 'y'); echo fread($b, 1); var_dump(stream_isatty(STDOUT), posix_isatty(0));
#: output buffers
ob_start(); echo 'kept'; $x = ob_get_clean(); echo strrev($x); ob_start(); echo 'flushed at the end';
#: an exception with a trace
function g() { throw new RuntimeException('no'); } g();
#: megabytes
echo str_repeat('x', 2000000);
