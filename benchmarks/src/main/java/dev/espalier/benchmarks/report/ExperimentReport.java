package dev.espalier.benchmarks.report;

import dev.espalier.benchmarks.measure.Goal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an experiment gave. The first study is the experiment proper, and its arms, its goals and
 * whether it is valid stand at the top.
 *
 * @param settings what was the same in all arms, by name
 * @param versions of the program
 * @param parts the other studies
 * @param madeAt when this file was written
 */
public record ExperimentReport(
        int schema,
        String experiment,
        String size,
        boolean valid,
        List<String> invalidBecause,
        @Nullable Double target,
        Map<String, ArmReport> arms,
        List<Goal.Verdict> goals,
        List<String> notes,
        Map<String, StudyReport> parts,
        String command,
        Machine machine,
        Map<String, String> versions,
        Map<String, Object> settings,
        Instant madeAt) {

    static final int SCHEMA = 1;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What is known before anything was run. */
    public record Circumstances(
            String experiment,
            String size,
            String command,
            Machine machine,
            Map<String, String> versions,
            Map<String, Object> settings) {}

    /**
     * @param first the experiment proper
     * @param parts by name
     */
    public static ExperimentReport of(
            Circumstances here, StudyReport first, Map<String, StudyReport> parts, Instant madeAt) {
        return new ExperimentReport(
                SCHEMA,
                here.experiment(),
                here.size(),
                first.valid(),
                first.invalidBecause(),
                first.target(),
                first.arms(),
                first.goals(),
                first.notes(),
                parts,
                here.command(),
                here.machine(),
                here.versions(),
                here.settings(),
                madeAt);
    }

    public void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    }
}
