//: fast input {"stdin": "3\n1 2 3\n"}
import java.io.*; import java.util.*;
public class Main { public static void main(String[] args) throws IOException { StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in)); in.nextToken(); int n = (int) in.nval; long s = 0; for (int i = 0; i < n; i++) { in.nextToken(); s += (long) in.nval; } PrintWriter out = new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out))); out.println(s); out.flush(); } }
//: DataInputStream, System.in.read, available {"stdin": "abc"}
class Main { public static void main(String[] a) throws Exception { System.out.println(System.in.available() + " " + System.in.read() + " " + new java.io.DataInputStream(System.in).readAllBytes().length + " " + System.console()); } }
//: an uncaught exception, with a cause
class Main { static void f() { throw new RuntimeException("outer", new IllegalArgumentException("inner")); } public static void main(String[] a) { f(); } }
//: an exception of a thread
class Main { public static void main(String[] a) throws Exception { Thread t = new Thread(() -> { throw new IllegalStateException("t"); }, "worker"); t.start(); t.join(); System.out.println("on"); } }
//: assertions are on
class Main { public static void main(String[] a) { assert a.length > 0 : "none"; } }
//: a stack that is too deep
class Main { static int f(int n) { return 1 + f(n + 1); } public static void main(String[] a) { try { f(0); } catch (StackOverflowError e) { System.out.println("deep"); } } }
//: a thread with a stack of 512 MB {"memory_limit_MB": 1024}
class Main { static int f(int n) { return n == 0 ? 0 : 1 + f(n - 1); } public static void main(String[] a) throws Exception { Thread t = new Thread(null, () -> System.out.println(f(1000000)), "", 1 << 29); t.start(); t.join(); } }
//: OutOfMemoryError
class Main { public static void main(String[] a) { try { long[] x = new long[Integer.MAX_VALUE]; System.out.println(x.length); } catch (OutOfMemoryError e) { System.out.println(e.getMessage().contains("array size") || e.getMessage().contains("heap")); } } }
//: exit codes and hooks
class Main { public static void main(String[] a) { Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook"))); System.out.print("out "); System.exit(300); } }
//: halt in a hook
class Main { public static void main(String[] a) { Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(9))); System.exit(1); } }
//: a daemon thread, and one that is none
class Main { public static void main(String[] a) { Thread d = new Thread(() -> { while (true) Thread.onSpinWait(); }); d.setDaemon(true); d.start(); new Thread(() -> { try { Thread.sleep(200); } catch (InterruptedException e) {} System.out.println("late"); }).start(); System.out.println("main"); } }
//: processes and their codes
class Main { public static void main(String[] a) throws Exception { Process p = new ProcessBuilder("sh", "-c", "cat; exit 7").start(); p.getOutputStream().write(65); p.getOutputStream().close(); System.out.println(new String(p.getInputStream().readAllBytes()) + p.waitFor() + (ProcessHandle.current().pid() > 0)); } }
//: properties of its machine
class Main { public static void main(String[] a) { for (String k : new String[] {"file.encoding", "user.language", "line.separator", "java.version", "os.name", "sun.jnu.encoding", "stdout.encoding", "user.timezone"}) System.out.println(k + "=" + System.getProperty(k)); System.out.println(java.util.TimeZone.getDefault().getID() + Runtime.getRuntime().availableProcessors() + System.getenv("LANG")); } }
//: text of every plane {"stdin": "é漢😀\n"}
class Main { public static void main(String[] a) { String s = new java.util.Scanner(System.in).nextLine(); System.out.println(s + s.length() + s.codePointCount(0, s.length())); } }
//: parallel streams, executors, virtual pools
import java.util.concurrent.*; import java.util.stream.*;
class Main { public static void main(String[] a) throws Exception { System.out.println(IntStream.range(0, 1000).parallel().sum()); ExecutorService e = Executors.newFixedThreadPool(50); System.out.println(e.submit(() -> 42).get()); e.shutdown(); System.out.println(CompletableFuture.supplyAsync(() -> "async").get()); } }
//: files, temporary and of its own
import java.nio.file.*;
class Main { public static void main(String[] a) throws Exception { Path p = Files.createTempFile("x", "y"); Files.writeString(p, "text"); System.out.println(Files.readString(p) + Files.size(p)); try (var s = Files.list(Path.of("."))) { System.out.println(s.count()); } } }
//: a socket of its own
import java.net.*;
class Main { public static void main(String[] a) throws Exception { ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); new Thread(() -> { try { s.accept().getOutputStream().write("hi".getBytes()); s.close(); } catch (Exception e) {} }).start(); System.out.println(new String(new Socket("localhost", s.getLocalPort()).getInputStream().readNBytes(2))); } }
//: a class of another name is public
public class Other { public static void main(String[] a) { System.out.println("other"); } }
//: no main method
class Main { }
//: two classes, generics, records, switch
import java.util.*;
record P(int x, int y) {}
class Main { public static void main(String[] a) { var m = new TreeMap<String, P>(); m.put("a", new P(1, 2)); System.out.println(m + switch (m.size()) { case 1 -> "one"; default -> "many"; }); } }
//: megabytes by println
class Main { public static void main(String[] a) { for (int i = 0; i < 50000; i++) System.out.println("a line of some length " + i); } }
//: warnings of the compiler
import java.util.*;
class Main { public static void main(String[] a) { List l = new ArrayList(); l.add(1); System.out.println(l); new Date(2020, 1, 1); } }
//: reads of a file that is not there
class Main { public static void main(String[] a) throws Exception { new java.io.FileReader("nosuch"); } }
