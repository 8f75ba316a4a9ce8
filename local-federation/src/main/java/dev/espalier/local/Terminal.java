package dev.espalier.local;

import dev.espalier.local.display.Display;
import java.io.Console;
import java.util.concurrent.CountDownLatch;

/** The terminal that the program was started from. */
public final class Terminal {

    private Terminal() {}

    /** Redraws where the terminal can; plain lines in a file or a pipe. */
    public static Display display() {
        Console console = System.console();
        boolean terminal =
                console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        return Display.on(System.out, terminal);
    }

    /** Returns never, unless the thread is interrupted; Ctrl-C ends the process. */
    static void untilInterrupted() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
