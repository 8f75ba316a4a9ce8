package dev.espalier.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where an experiment was run.
 *
 * @param processor as the system names it
 * @param cores that this process may use
 */
public record Machine(String processor, int cores, String system, String java) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    public static Machine here() {
        return new Machine(
                nameOfProcessor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    }

    private static String nameOfProcessor() {
        if (!Files.isReadable(CPU_INFO)) {
            return "not told";
        }
        try (var lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("not told");
        } catch (IOException unreadable) {
            return "not told";
        }
    }
}
