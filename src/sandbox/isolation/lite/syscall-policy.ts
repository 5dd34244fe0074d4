/**
 * What a program may ask of the kernel. Every other known call is refused with EPERM, and one that is newer than
 * this list with ENOSYS: libraries then do without it, and what it does was never weighed here. Not on the list:
 * keyrings, mounts and namespaces, modules, tracing, other processes' memory and descriptors (also of a program's
 * own processes: the kernel does not tell whose they are), kernel interfaces that are often attacked.
 */
const ALLOWED = `
  accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod chown
  clock_adjtime clock_getres clock_gettime clock_nanosleep clone close close_range connect copy_file_range
  creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd
  eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
  fchmodat2 fchown fchownat fcntl fdatasync fgetxattr file_getattr file_setattr flistxattr flock fork
  fremovexattr fsetxattr fstat fstatat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv
  futex_wake futimesat get_mempolicy get_robust_list getcpu getcwd getdents getdents64 getegid geteuid
  getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid
  getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr
  getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy
  io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set kill lchown lgetxattr link linkat listen listxattr listxattrat
  llistxattr lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules lstat madvise
  map_shadow_stack mbind membarrier migrate_pages mincore mkdir mkdirat mknod mknodat mlock mlock2
  mlockall mmap move_pages mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink
  mremap mseal msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause personality
  pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
  preadv preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv
  recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2
  restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
  rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select sendfile
  sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node set_robust_list set_tid_address setfsgid
  setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit
  setsid setsockopt setuid setxattr setxattrat shutdown sigaltstack signalfd signalfd4 socket socketpair
  splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee
  tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
  timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat unshare utime utimensat
  utimes vfork vmsplice wait4 waitid write writev
`;

/**
 * Calls that allocate memory which no process has to map, so that only a cgroup counts it. System V objects are in
 * the sandbox's own namespace and end with it.
 */
const COUNTED = `
  memfd_create msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget
`;

/**
 * Refused with ENOSYS, so that libraries use an alternative: clone3, whose flags are in memory; io_uring; calls for
 * uncounted memory, such as Landlock's rules; calls that list mounts.
 */
const MISSING = `
  clone3 io_uring_enter io_uring_register io_uring_setup landlock_add_rule landlock_create_ruleset
  landlock_restrict_self listmount memfd_secret statmount
`;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const ALLOWED_SYSCALLS = words(ALLOWED);
/** Allowed if a cgroup counts a run's memory, else refused with ENOSYS. */
export const COUNTED_SYSCALLS = words(COUNTED);
export const MISSING_SYSCALLS = words(MISSING);
