package dev.espalier.local.display;

import java.io.PrintStream;
import java.util.List;

/** Lines for a file or a pipe: what happened, and not how things stand in between. */
final class PlainDisplay implements Display {

    private final PrintStream out;

    PlainDisplay(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void show(List<String> block) {
        // whoever reads a log wants events
    }
}
