package dev.espalier.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The first processor, as Linux tells of it; elsewhere nothing is told.
 *
 * @param family and model: numbers of the maker
 * @param flags what it can do, ascending
 */
public record Processor(String name, String family, String model, Set<String> flags) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final String NOT_TOLD = "not told";

    public static Processor here() {
        if (!Files.isReadable(CPU_INFO)) {
            return of(List.of());
        }
        try {
            return of(Files.readAllLines(CPU_INFO));
        } catch (IOException unreadable) {
            return of(List.of());
        }
    }

    /**
     * @param cpuinfo lines of {@code key : value}; of keys that are there again the first counts
     */
    static Processor of(List<String> cpuinfo) {
        Set<String> flags = new TreeSet<>(List.of(value(cpuinfo, "flags", "").split(" ", -1)));
        flags.remove("");
        return new Processor(
                value(cpuinfo, "model name", NOT_TOLD),
                value(cpuinfo, "cpu family", NOT_TOLD),
                value(cpuinfo, "model", NOT_TOLD),
                flags);
    }

    private static String value(List<String> cpuinfo, String key, String otherwise) {
        return cpuinfo.stream()
                .filter(line -> line.split("\\s*:", 2)[0].equals(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }
}
