package dev.espalier.benchmarks.training;

import ai.djl.engine.Engine;
import dev.espalier.benchmarks.report.Processor;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Where figures come from, in words for a page. */
final class MachineInWords {

    private static final Set<String> TELLING = Set.of("avx2", "avx512f", "avx512_bf16", "amx_bf16");

    private MachineInWords() {}

    static String described() {
        Processor processor = Processor.here();
        Set<String> flags = new TreeSet<>(processor.flags());
        flags.retainAll(TELLING);
        return "%d processors `%s` (family %s, model %s; %s), Linux, JDK %s, load average %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor.name(),
                        processor.family(),
                        processor.model(),
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
}
