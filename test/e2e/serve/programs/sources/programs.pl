#: System V shared memory and semaphores {"differsIn": ["lite by bwrap, a user", "lite by unshare, a user", "lite, warm, a user"]}
use IPC::SysV qw(IPC_PRIVATE IPC_CREAT IPC_RMID S_IRUSR S_IWUSR); my $m = shmget(IPC_PRIVATE, 100, IPC_CREAT | S_IRUSR | S_IWUSR) // die $!; shmwrite($m, 'hello', 0, 5); shmread($m, my $b, 0, 5); print "$b\n"; shmctl($m, IPC_RMID, 0); my $s = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600) // die $!; print defined $s ? "made\n" : "not\n"; semctl($s, 0, IPC_RMID, 0);
#: lines of input, records, the end {"stdin": "1\n2\n\n3"}
while (my $l = <STDIN>) { chomp $l; print "[$l]"; } print eof(STDIN) ? "end\n" : "more\n";
#: the whole input by <>, and $. {"stdin": "a\nb\n"}
my @l = <>; print scalar(@l), " $. $0\n" =~ s/tmp[a-z0-9_]+/X/gr;
#: die, warn, exit codes
warn "warned\n"; eval { die "caught\n" }; print $@; $! = 5; die "end\n";
#: exit 300 and -1
exit 300;
#: signals: kill 0, %SIG, alarm
$SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select undef, undef, undef, 1.2; $SIG{TERM} = 'IGNORE'; kill 'TERM', $$; print "alive\n"; kill 'KILL', $$;
#: fork, pipes, waitpid, $?
$| = 1; my $p = open(my $k, '-|') // die; if (!$p) { print "child\n"; exit 7 } print <$k>; close $k; print $? >> 8, "\n"; system 'exit 3'; print $? >> 8, ' ', `echo back`;
#: sprintf, locale, utf8 {"stdin": "é\n"}
use utf8; binmode STDOUT, ':utf8'; my $s = <STDIN>; printf "%.2f %s %d\n", 1.005, 'é', length $s;
#: buffered output and $|
print 'buffered '; syswrite STDOUT, 'first '; print STDERR 'err';
#: its environment and files
print join(',', sort grep { !/PWD|TMPDIR|SANDBOXCTL_RUN/ } keys %ENV), " $^X $^V ", -t STDIN ? 1 : 0, -p STDOUT ? 1 : 0; open my $f, '>', 'f' or die; print $f 'x'; close $f; print -s 'f';
#: deep recursion
no warnings 'recursion'; sub f { my $n = shift; $n ? 1 + f($n - 1) : 0 } print f(50000);
#: sockets of its own
use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!; my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $s->sockport) or die $!; my $a = $s->accept; print $a "hi\n"; close $a; print <$c>;
