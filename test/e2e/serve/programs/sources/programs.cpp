//: fast input, sync off, tie off {"stdin": "3\n1 2 3\n"}
#include <bits/stdc++.h>
using namespace std;
int main() { ios::sync_with_stdio(false); cin.tie(nullptr); int n; cin >> n; long long s = 0; for (int x; cin >> x;) s += x; cout << n << ' ' << s << '\n'; }
//: files of an online judge by freopen {"files": {"input.txt": "NSA2Cg=="}}
#include <cstdio>
int main() { freopen("input.txt", "r", stdin); freopen("output.txt", "w", stdout); int a, b; scanf("%d%d", &a, &b); printf("%d", a * b); fclose(stdout); FILE* f = fopen("output.txt", "r"); int c; fscanf(f, "%d", &c); fprintf(stderr, "%d", c); }
//: freopen of a file that is not there {"stdin": "7"}
#include <cstdio>
int main() { FILE* f = freopen("nosuch.txt", "r", stdin); int a = -1; printf("%d %d", f == nullptr, scanf("%d", &a)); }
//: stdin is sought {"stdin": "abc"}
#include <cstdio>
#include <cerrno>
int main() { getchar(); printf("%d %d %ld", fseek(stdin, 0, SEEK_SET), errno, ftell(stdin)); }
//: unget, rdbuf, getline to the end {"stdin": "line one\n\nlast"}
#include <bits/stdc++.h>
using namespace std;
int main() { string s; int n = 0; while (getline(cin, s)) n += s.size(); cout << n << cin.eof() << cin.fail(); }
//: 128-bit integers and pragmas
#pragma GCC optimize("O3,unroll-loops")
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt")
#include <bits/stdc++.h>
int main() { __int128 x = 1; for (int i = 0; i < 100; i++) x *= 2; std::cout << (unsigned long long)(x >> 64) << ' ' << __builtin_popcountll(255) << ' ' << sizeof(long double); }
//: policy-based structures
#include <bits/stdc++.h>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
using namespace __gnu_pbds;
int main() { tree<int, null_type, std::less<int>, rb_tree_tag, tree_order_statistics_node_update> t; for (int i : {5, 1, 9}) t.insert(i); std::cout << *t.find_by_order(1) << t.order_of_key(9); }
//: returns 300
int main() { return 300; }
//: returns -1
int main() { return -1; }
//: no return, and void main
#include <cstdio>
int main() { puts("none"); }
//: exit with atexit and static destructors
#include <cstdio>
#include <cstdlib>
struct S { ~S() { puts("destructor"); } } s;
int main() { atexit([] { puts("at exit"); }); std::at_quick_exit([] { puts("quick"); }); printf("buffered "); exit(4); }
//: quick_exit
#include <cstdio>
#include <cstdlib>
int main() { std::at_quick_exit([] { puts("quick"); fflush(stdout); }); printf("lost? "); std::quick_exit(3); }
//: _exit loses what is buffered
#include <cstdio>
#include <unistd.h>
int main() { printf("lost"); _exit(2); }
//: an exception that nobody catches
#include <stdexcept>
#include <vector>
int main() { std::vector<int> v; v.at(3) = 1; }
//: an exception of a thread
#include <thread>
int main() { std::thread t([] { throw 3; }); t.join(); }
//: an assertion
#include <cassert>
#include <cstdio>
int main(int c, char**) { printf("kept?"); assert(c == 7); }
//: a null pointer
int main() { volatile int* p = nullptr; return *p; }
//: an endless recursion
int f(int n) { volatile int x[100]; x[0] = n; return f(n + 1) + x[0]; }
int main() { return f(0); }
//: an integer division by zero
#include <cstdio>
int main() { volatile int z = 0; printf("%d", 1 / z); }
//: an illegal instruction
int main() { __builtin_trap(); }
//: heap that is freed twice
#include <cstdlib>
int main() { void* volatile p = malloc(10); free(p); free(p); }
//: a stack that is smashed
#include <cstring>
#include <cstdio>
int main() { char b[4]; volatile int n = 100; memset(b, 1, n); puts(b); }
//: signals of itself, with handlers
#include <csignal>
#include <cstdio>
#include <unistd.h>
void h(int s) { printf("%d\n", s); }
int main() { for (int s : {SIGUSR1, SIGALRM, SIGTERM, 35}) { signal(s, h); raise(s); } sigset_t set; sigpending(&set); printf("%d", sigismember(&set, SIGUSR1)); fflush(stdout); kill(0, SIGKILL); }
//: an alternate stack for an overflow
#include <csignal>
#include <cstdlib>
#include <unistd.h>
int f(int n) { volatile char b[10000]; b[0] = n; return f(n + 1) + b[0]; }
int main() { stack_t s{malloc(1 << 16), 0, 1 << 16}; sigaltstack(&s, 0); struct sigaction a{}; a.sa_flags = SA_ONSTACK; a.sa_handler = [](int) { write(1, "overflow", 8); _exit(5); }; sigaction(SIGSEGV, &a, 0); return f(0); }
//: the address sanitizer finds an overflow {"compile_timeout": 60, "run_timeout": 60}
#include <cstdio>
int main() { printf("here\n"); fflush(stdout); int* a = new int[4]; volatile int n = 4; volatile int x = a[n - 1]; delete[] a; return x * 0 + 3; }
//: System V shared memory {"differsIn": ["lite by bwrap, a user", "lite by unshare, a user", "lite, warm, a user"]}
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
int main() { int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600); int* p = (int*)shmat(id, 0, 0); if (!fork()) { *p = 42; _exit(0); } wait(0); printf("%d %d\n", *p, shmdt(p)); shmctl(id, IPC_RMID, 0); }
//: System V semaphores {"differsIn": ["lite by bwrap, a user", "lite by unshare, a user", "lite, warm, a user"]}
#include <sys/sem.h>
#include <cstdio>
int main() { int id = semget(IPC_PRIVATE, 1, 0600); sembuf up{0, 2, 0}; printf("%d ", semop(id, &up, 1)); printf("%d ", semctl(id, 0, GETVAL)); printf("%d\n", semctl(id, 0, IPC_RMID)); }
//: System V messages {"differsIn": ["lite by bwrap, a user", "lite by unshare, a user", "lite, warm, a user"]}
#include <sys/msg.h>
#include <cstdio>
int main() { int id = msgget(IPC_PRIVATE, 0600); struct { long type; char text[8]; } m{1, "hello"}; msgsnd(id, &m, 8, 0); m.text[0] = 0; printf("%zd %s\n", msgrcv(id, &m, 8, 0, 0), m.text); msgctl(id, IPC_RMID, 0); }
//: POSIX messages
#include <mqueue.h>
#include <cstdio>
int main() { mq_attr a{0, 4, 16, 0}; mqd_t q = mq_open("/sandboxctl-test", O_CREAT | O_RDWR, 0600, &a); char b[16]; mq_send(q, "hello", 6, 1); printf("%zd %s\n", mq_receive(q, b, 16, 0), b); mq_unlink("/sandboxctl-test"); }
//: named semaphores of POSIX
#include <semaphore.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
int main() { sem_t* s = sem_open("/sandboxctl-sem", O_CREAT, 0600, 0); if (!fork()) { sem_post(s); _exit(0); } printf("%d\n", sem_wait(s)); wait(0); sem_unlink("/sandboxctl-sem"); }
//: shared memory of POSIX, 64 MB of it
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>
#include <cstring>
#include <cstdio>
int main() { int f = shm_open("/sandboxctl-64", O_CREAT | O_RDWR, 0600); ftruncate(f, 64 << 20); char* p = (char*)mmap(0, 64 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0); memset(p, 7, 64 << 20); printf("%d\n", p[(64 << 20) - 1]); shm_unlink("/sandboxctl-64"); }
//: mutexes and conditions of two processes
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
struct S { pthread_mutex_t m; int n; };
int main() { S* s = (S*)mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0); pthread_mutexattr_t a; pthread_mutexattr_init(&a); pthread_mutexattr_setpshared(&a, 1); pthread_mutexattr_setrobust(&a, 1); pthread_mutex_init(&s->m, &a); if (!fork()) { pthread_mutex_lock(&s->m); s->n = 5; _exit(0); } wait(0); printf("%d %d\n", pthread_mutex_lock(&s->m), s->n); }
//: threads, barriers, futures, atomics {"memory_limit_MB": 512}
#include <bits/stdc++.h>
#include <thread>
#include <future>
int main() { std::vector<std::future<int>> f; for (int i = 0; i < 40; i++) f.push_back(std::async(std::launch::async, [i] { return i; })); int s = 0; for (auto& x : f) s += x.get(); std::cout << s << ' ' << (std::thread::hardware_concurrency() > 0); }
//: 400 threads {"memory_limit_MB": 1024}
#include <thread>
#include <vector>
#include <atomic>
#include <cstdio>
int main() { std::atomic<bool> go{false}; std::vector<std::thread> v; for (int i = 0; i < 400; i++) v.emplace_back([&] { while (!go) std::this_thread::yield(); }); go = true; for (auto& t : v) t.join(); printf("%zu", v.size()); }
//: a stack of its own size for a thread
#include <pthread.h>
#include <cstdio>
int f(int n) { volatile char b[1000]; b[0] = n; return n ? f(n - 1) + 1 : b[0] * 0; }
int main() { pthread_attr_t a; pthread_attr_init(&a); size_t n; pthread_attr_getstacksize(&a, &n); printf("%zu ", n >> 20); pthread_attr_setstacksize(&a, 256 << 20); pthread_t t; pthread_create(&t, &a, [](void*) -> void* { printf("%d", f(200000)); return 0; }, 0); pthread_join(t, 0); }
//: a large static array, used in part
#include <cstdio>
static long long dp[5000][5000];
int main() { for (int i = 0; i < 5000; i += 100) dp[i][i] = i; printf("%lld", dp[4900][4900]); }
//: an allocation that is refused
#include <new>
#include <cstdio>
#include <cstdlib>
int main() { printf("%p ", malloc(1ull << 60)); try { new char[1ull << 60]; } catch (std::bad_alloc& e) { puts(e.what()); } }
//: clocks, random numbers, time zones
#include <chrono>
#include <random>
#include <ctime>
#include <cstdio>
int main() { auto a = std::chrono::steady_clock::now(); std::mt19937 r(5); std::random_device d; printf("%u %d %s %d", (unsigned)r(), d() != d(), tzname[0], std::chrono::steady_clock::now() >= a); srand(1); printf(" %d %d", rand(), time(0) > 1600000000); }
//: locale and wide characters {"stdin": "é漢\n"}
#include <bits/stdc++.h>
int main() { std::setlocale(LC_ALL, ""); std::wstring s; std::wcin >> s; std::wprintf(L"%zu %ls\n", s.size(), s.c_str()); printf("%s", std::setlocale(LC_ALL, nullptr)); }
//: a locale by its name
#include <iostream>
#include <locale>
int main() { for (auto n : {"", "C", "en_US.UTF-8"}) try { std::cout << std::locale(n).name() << '\n'; } catch (std::runtime_error& e) { std::cout << e.what() << '\n'; } }
//: files: tmpfile, mkstemp, rename, directories
#include <bits/stdc++.h>
#include <filesystem>
#include <unistd.h>
namespace fs = std::filesystem;
int main() { char t[] = "/tmp/xXXXXXX"; int f = mkstemp(t); std::cout << (f > 2) << fs::exists(t); unlink(t); fs::create_directories("a/b"); std::ofstream("a/b/c") << "x"; fs::rename("a/b/c", "a/d"); std::cout << fs::file_size("a/d") << fs::remove_all("a") << (fs::current_path() == fs::canonical(".")); }
//: warnings of the compiler, a success
#include <cstdio>
int f() {}
int main() { int x; printf("%s\n", 5); }
//: errors of the linker
int g();
int main() { return g(); }
//: an error of a template, long
#include <map>
struct A {};
int main() { std::map<A, int> m; m[A{}] = 1; }
//: a missing header
#include <nosuch/header.h>
int main() {}
//: an #error, and what the compiler defines
#if __cplusplus != 201703L || !defined(__GNUC__) || __GNUC__ < 5
#error no
#endif
#include <cstdio>
int main() { printf("%ld %s", __cplusplus, __OPTIMIZE__ + 0 ? "fast" : "plain"); }
//: a header of its own {"files": {"mine.h": "I2RlZmluZSBTSVggNgo="}}
#include "mine.h"
#include <cstdio>
int main() { printf("%d", SIX); }
//: argv, environment and files that are open
#include <bits/stdc++.h>
#include <dirent.h>
#include <unistd.h>
int main(int c, char** v) { std::cout << c << v[0] << (getenv("LANG") ?: "") << ' '; DIR* d = opendir("/proc/self/fd"); int n = 0; while (auto e = readdir(d)) if (e->d_name[0] != '.') n++; std::cout << n << ' ' << isatty(0) << isatty(1) << getpagesize(); }
//: fork, exec, popen, system
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <sys/wait.h>
int main() { FILE* p = popen("echo piped", "r"); char b[20]; fgets(b, 20, p); printf("%s%d ", b, pclose(p)); printf("%d ", system("exit 9") >> 8); fflush(stdout); if (!fork()) execlp("echo", "echo", "child", (char*)0); int s; wait(&s); printf("%d", s); }
//: vfork and posix_spawn
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
extern char** environ;
int main() { pid_t p; const char* v[] = {"sh", "-c", "exit 6", 0}; posix_spawn(&p, "/bin/sh", 0, 0, (char**)v, environ); int s; waitpid(p, &s, 0); printf("%d", WEXITSTATUS(s)); }
//: output in megabytes with endl
#include <iostream>
int main() { for (int i = 0; i < 30000; i++) std::cout << "a line of some length " << i << std::endl; }
//: cerr and clog
#include <iostream>
int main() { std::clog << "log "; std::cerr << "err "; std::cout << "out "; std::cerr << "end"; }
//: setvbuf, a large buffer, unbuffered
#include <cstdio>
int main() { static char b[1 << 20]; setvbuf(stdout, b, _IOFBF, sizeof b); for (int i = 0; i < 100000; i++) printf("%d\n", i); setvbuf(stderr, 0, _IONBF, 0); fputs("e", stderr); }
//: OpenMP
#include <cstdio>
int main() { int n = 0; 
#pragma omp parallel for reduction(+ : n)
for (int i = 0; i < 100; i++) n += i; printf("%d", n); }
