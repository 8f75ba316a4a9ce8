package dev.espalier.local.display;

import java.io.PrintStream;
import java.util.List;

/** Keeps the block below everything that was said, by ANSI cursor movements (ECMA-48). */
final class LiveDisplay implements Display {

    private static final String UP_AND_CLEAR = "\033[%dA\033[0J";
    private static final int WIDTH = 110;

    private final PrintStream out;
    private List<String> block = List.of();

    LiveDisplay(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void say(String line) {
        draw(line + "\n", block);
    }

    @Override
    public synchronized void show(List<String> lines) {
        draw("", lines.stream().map(LiveDisplay::cut).toList());
    }

    private void draw(String before, List<String> next) {
        StringBuilder screen = new StringBuilder();
        if (!block.isEmpty()) {
            screen.append(UP_AND_CLEAR.formatted(block.size()));
        }
        screen.append(before);
        next.forEach(line -> screen.append(line).append('\n'));
        out.print(screen);
        out.flush();
        block = next;
    }

    /** A line that wraps would take two, and the next redraw would begin one too low. */
    private static String cut(String line) {
        return line.length() <= WIDTH ? line : line.substring(0, WIDTH);
    }
}
