#: gets, ARGF, STDIN.each_line {"stdin": "3\n1 2 3\nrest\nmore\n"}
n = gets.to_i; puts gets.split.map(&:to_i).sum + n; puts ARGF.gets; STDIN.each_line { |l| puts l.upcase }
#: exit codes and at_exit
at_exit { puts 'at exit'; exit 4 }; exit 2
#: exit!, abort, raise
at_exit { puts 'no' }; $stdout.print 'lost?'; $stdout.flush; exit! 3
#: abort with words
abort 'words'
#: an exception that nobody catches
def f = raise(ArgumentError, 'bad'); f
#: Interrupt of itself
Process.kill('INT', $$); sleep 1
#: a trap, SIGTERM, SIGKILL
trap('TERM') { puts 'term'; exit 0 }; Process.kill('TERM', $$); sleep 2
#: SIGKILL of itself
print 'kept'; $stdout.flush; Process.kill(9, $$)
#: a stack that is too deep
def f(n) = f(n + 1)
begin; f(0); rescue SystemStackError => e; puts e.message; end
#: recursion that fits
def f(n) = n.zero? ? 0 : 1 + f(n - 1)
puts f(9000)
#: threads, queues, mutexes
q = Queue.new; t = 20.times.map { |i| Thread.new { q << i } }; t.each(&:join); puts q.size, Thread.main == Thread.current; Thread.new { raise 'in a thread' }.join rescue puts $!.message
#: fork, pipes, wait, spawn
r, w = IO.pipe; if fork then w.close; puts r.read; Process.wait; puts $?.exitstatus else w.write 'child'; exit! 5 end; puts `echo back`, system('exit 2'), $?.exitstatus
#: encodings {"stdin": "é漢\n"}
s = gets.chomp; puts s.length, s.bytes.size, s.encoding, Encoding.default_external, Encoding.default_internal.inspect, __ENCODING__, s.reverse
#: its files, clocks, user
require 'tempfile'; require 'etc'; puts Dir.pwd == __dir__, Tempfile.create { |f| File.exist?(f.path) }, Etc.getpwuid&.name == Etc.getlogin || true, Etc.nprocessors > 0, Time.at(0).utc, Time.now.zone, Process.clock_gettime(Process::CLOCK_MONOTONIC) > 0, $0 == __FILE__, ARGV.inspect, RUBY_VERSION
#: stdout closed, stderr kept
$stdout.close; $stderr.puts 'err'
#: a timeout
require 'timeout'; begin; Timeout.timeout(0.2) { sleep 5 }; rescue Timeout::Error => e; puts e.message; end
#: a server of its own
require 'socket'; s = TCPServer.new('127.0.0.1', 0); t = Thread.new { c = s.accept; c.puts 'hi'; c.close }; puts TCPSocket.new('127.0.0.1', s.addr[1]).read; t.join
#: megabytes
puts 'x' * 2_000_000
