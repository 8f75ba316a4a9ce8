package dev.espalier.local.display;

import java.io.PrintStream;
import java.util.List;

/** Where a running program tells people how it goes. Safe for several threads. */
public interface Display {

    /** Something that happened, once. */
    void say(String line);

    /** How things stand right now; replaces what was shown before. */
    void show(List<String> block);

    /** A redrawn block on a terminal that can do it, plain lines everywhere else. */
    static Display on(PrintStream out, boolean terminal) {
        return terminal ? new LiveDisplay(out) : new PlainDisplay(out);
    }
}
