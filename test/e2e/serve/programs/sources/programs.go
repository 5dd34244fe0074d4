//: bufio input and output {"stdin": "3\n1 2 3\n", "compile_timeout": 120}
package main
import ("bufio"; "fmt"; "os")
func main() { in := bufio.NewReaderSize(os.Stdin, 1<<20); out := bufio.NewWriter(os.Stdout); defer out.Flush(); var n, s, x int; fmt.Fscan(in, &n); for i := 0; i < n; i++ { fmt.Fscan(in, &x); s += x }; fmt.Fprintln(out, s) }
//: a scanner with a large buffer {"stdin": "a b\nc\n", "compile_timeout": 120}
package main
import ("bufio"; "fmt"; "os")
func main() { s := bufio.NewScanner(os.Stdin); s.Buffer(make([]byte, 1<<20), 1<<20); s.Split(bufio.ScanWords); for s.Scan() { fmt.Println(s.Text()) } }
//: a panic {"compile_timeout": 120, "differsIn": []}
package main
import "os"
func main() { defer println("deferred"); if len(os.Args) > 0 { panic("no") } }
//: a deadlock {"compile_timeout": 120}
package main
func main() { c := make(chan int); <-c }
//: exits, defers, signals {"compile_timeout": 120}
package main
import ("fmt"; "os"; "os/signal"; "syscall")
func main() { c := make(chan os.Signal, 1); signal.Notify(c, syscall.SIGTERM); syscall.Kill(os.Getpid(), syscall.SIGTERM); fmt.Println(<-c); defer fmt.Println("no"); os.Exit(77) }
//: killed by SIGPIPE of stdout {"compile_timeout": 120}
package main
import ("fmt"; "os"; "syscall")
func main() { r, w, _ := os.Pipe(); r.Close(); syscall.Dup2(int(w.Fd()), 1); fmt.Println("x"); os.Stderr.WriteString("on") }
//: deep recursion {"compile_timeout": 120, "memory_limit_MB": 1024}
package main
import "fmt"
func f(n int) int { if n == 0 { return 0 }; return 1 + f(n-1) }
func main() { fmt.Println(f(3000000)) }
//: goroutines, a map race, timers {"compile_timeout": 120}
package main
import ("fmt"; "runtime"; "sync"; "time")
func main() { var w sync.WaitGroup; n := 0; var m sync.Mutex; for i := 0; i < 10000; i++ { w.Add(1); go func() { defer w.Done(); m.Lock(); n++; m.Unlock() }() }; w.Wait(); t := time.Now(); time.Sleep(20 * time.Millisecond); fmt.Println(n, time.Since(t) > 0, runtime.NumCPU(), runtime.GOOS) }
//: its machine and files {"compile_timeout": 120}
package main
import ("fmt"; "os"; "os/user"; "time")
func main() { h, e := os.Hostname(); u, f := user.Current(); _, g := os.UserHomeDir(); fmt.Println(h != "", e, u != nil, f, g, time.Local, len(os.Args)); t, _ := os.CreateTemp("", "x"); t.WriteString("x"); s, _ := t.Stat(); fmt.Println(s.Size(), s.Mode()) }
//: a compile error {"compile_timeout": 120}
package main
import "fmt"
func main() { x := 1 }
//: children and pipes {"compile_timeout": 120}
package main
import ("fmt"; "os/exec"; "strings")
func main() { c := exec.Command("cat"); c.Stdin = strings.NewReader("in"); o, e := c.Output(); fmt.Println(string(o), e); e = exec.Command("sh", "-c", "kill -9 $$").Run(); fmt.Println(e) }
