// Compiles /stage/src/DIR/Task.java into /stage/out/DIR for every DIR given, and prints
// "DIR true" or "DIR false" for each: one warm compiler for all candidates of a task.
import java.io.File;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

public class Compile {
    private static void delete(File file) {
        File[] inside = file.listFiles();
        if (inside != null) for (File one : inside) delete(one);
        file.delete();
    }

    public static void main(String[] names) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        for (String name : names) {
            File out = new File("/stage/out/" + name);
            delete(out);
            out.mkdirs();
            boolean done;
            try {
                done = compiler.getTask(
                    null, files, new DiagnosticCollector<JavaFileObject>(),
                    List.of("-d", out.getPath(), "-proc:none", "-nowarn", "-encoding", "UTF-8"),
                    null, files.getJavaFileObjects("/stage/src/" + name + "/Task.java")).call();
            } catch (RuntimeException | StackOverflowError error) {
                done = false;
            }
            System.out.println(name + " " + done);
        }
    }
}
