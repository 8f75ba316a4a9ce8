package dev.espalier.benchmarks.training;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Where figures come from, in words for a page. */
final class Machine {

    private static final Set<String> TELLING = Set.of("avx2", "avx512f", "avx512_bf16", "amx_bf16");

    private Machine() {}

    static String described() throws IOException {
        List<String> cpuinfo = Files.readAllLines(Path.of("/proc/cpuinfo"));
        Set<String> flags = new TreeSet<>(List.of(value(cpuinfo, "flags").split(" ", -1)));
        flags.retainAll(TELLING);
        return "%d processors `%s` (family %s, model %s; %s), Linux, JDK %s, load average %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        value(cpuinfo, "model name"),
                        value(cpuinfo, "cpu family"),
                        value(cpuinfo, "model"),
                        String.join(", ", flags),
                        Runtime.version(),
                        load());
    }

    /** Of the last minute. */
    static String load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return String.format(Locale.ROOT, "%.1f", load);
    }

    /** PyTorch as we use it. */
    static String engine() {
        Engine engine = Engine.getEngine("PyTorch");
        return "PyTorch %s through DJL".formatted(engine.getVersion());
    }

    private static String value(List<String> cpuinfo, String key) {
        return cpuinfo.stream()
                .filter(line -> line.split("\\s*:", 2)[0].equals(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
