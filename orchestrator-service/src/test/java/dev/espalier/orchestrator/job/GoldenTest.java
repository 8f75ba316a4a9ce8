package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.layers.SparsityTable;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SparsityMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What leaves this service, letter by letter. Read and written again, a golden file must stay as it
 * is; a change here is a decision about the protocol.
 */
class GoldenTest {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @ParameterizedTest(name = "{0}")
    @CsvSource({"job-specification", "job-prune", "job", "round", "sparsity", "event"})
    void comesOutAsItWentIn(String name) throws IOException {
        assertThat(rewritten(golden(name), name)).isEqualTo(golden(name));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"job-specification", "job-prune", "job", "round", "sparsity"})
    void isWhatTheDocumentationShows(String name) throws IOException {
        String shown =
                switch (name) {
                    case "job" -> Examples.JOB;
                    case "round" -> Examples.ROUND;
                    case "job-prune" -> Examples.PRUNE_SPECIFICATION;
                    case "sparsity" -> MapExamples.SPARSITY;
                    default -> Examples.SPECIFICATION;
                };

        assertThat(rewritten(shown, name)).isEqualTo(golden(name));
    }

    @Test
    void theTableOfASparsityMapIsWhatTheDocumentationShows() {
        SparsityMap map = JSON.readValue(MapExamples.SPARSITY, SparsityMap.class);

        assertThat(SparsityTable.csv(map))
                .isEqualTo(MapExamples.SPARSITY_CSV.replace("\n", "\r\n"));
    }

    private static String rewritten(String text, String name) {
        return JSON.writeValueAsString(JSON.readValue(text, type(name))) + "\n";
    }

    private static Class<?> type(String name) {
        return switch (name) {
            case "job" -> JobView.class;
            case "round" -> RoundView.class;
            case "sparsity" -> SparsityMap.class;
            case "event" -> JobEvent.class;
            default -> JobSpecification.class;
        };
    }

    static String golden(String name) throws IOException {
        try (InputStream in = GoldenTest.class.getResourceAsStream("/golden/" + name + ".json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
