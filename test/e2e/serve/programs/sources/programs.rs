//: fast input {"stdin": "3\n1 2 3\n", "compile_timeout": 120}
use std::io::*;
fn main() { let mut s = String::new(); stdin().lock().read_to_string(&mut s).unwrap(); let v: Vec<i64> = s.split_ascii_whitespace().map(|x| x.parse().unwrap()).collect(); let out = stdout(); let mut o = BufWriter::new(out.lock()); writeln!(o, "{}", v[1..].iter().sum::<i64>()).unwrap(); }
//: a panic {"compile_timeout": 120}
fn main() { let v: Vec<i32> = vec![]; println!("{}", v[std::env::args().count()]); }
//: a panic of a thread {"compile_timeout": 120}
fn main() { let r = std::thread::spawn(|| { panic!("in a thread") }).join(); println!("{}", r.is_err()); std::process::exit(9); }
//: overflow, and a stack that is too deep {"compile_timeout": 120}
fn f(n: u64) -> u64 { let a = [n; 100]; if n == u64::MAX { 0 } else { f(n + 1) + a[(n % 100) as usize] } }
fn main() { println!("{}", f(0)); }
//: a thread with a large stack {"compile_timeout": 120, "memory_limit_MB": 1024}
fn f(n: u64) -> u64 { if n == 0 { 0 } else { 1 + std::hint::black_box(f(n - 1)) } }
fn main() { let t = std::thread::Builder::new().stack_size(512 << 20).spawn(|| f(1000000)).unwrap(); println!("{}", t.join().unwrap()); }
//: a pipe whose reader is gone {"compile_timeout": 120}
use std::io::Write;
fn main() { let r = std::process::Command::new("true").stdin(std::process::Stdio::piped()).spawn(); let mut c = r.unwrap(); c.wait_with_output().unwrap(); println!("{}", std::io::stdout().flush().is_ok()); std::process::abort(); }
//: a compile error {"compile_timeout": 120}
fn main() { let x: i32 = "s"; }
