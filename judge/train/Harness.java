// Runs the tests in class Main and writes the password from standard input after they passed.
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

public class Harness {
    public static void main(String[] arguments) throws Exception {
        byte[] password = System.in.readAllBytes();
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        String answer;
        int status = 3;
        try {
            Method tests = Class.forName("Main").getDeclaredMethod("main", String[].class);
            tests.setAccessible(true);
            tests.invoke(null, (Object) new String[0]);
            answer = new String(password);
            status = 0;
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            boolean failed = cause.getClass() == Exception.class
                && String.valueOf(cause.getMessage()).startsWith("Exception -- test case");
            answer = "{\"kind\": \"" + (failed ? "assertion" : "exception")
                + "\", \"name\": \"" + cause.getClass().getSimpleName() + "\"}";
        }
        out.write(("\n" + answer + "\n").getBytes());
        Runtime.getRuntime().halt(status);
    }
}
