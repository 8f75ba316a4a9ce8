package dev.espalier.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.work.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {

    @TempDir Path folder;

    @Test
    void theReportHasTheFormThatProgramsRead() throws IOException {
        RunReport report =
                RunReport.of(
                        List.of(evaluated(), notEvaluated()),
                        VersionRef.parse("spam-filter-merged@1"),
                        baselines(),
                        123.456);

        report.write(folder.resolve("deep/report.json"));

        assertThat(folder.resolve("deep/report.json")).hasContent(golden());
    }

    private static String golden() throws IOException {
        try (InputStream golden = RunReportTest.class.getResourceAsStream("/golden/report.json")) {
            return new String(golden.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Baselines.Results baselines() {
        return new Baselines.Results(
                List.of(
                        new Baselines.Alone("ada", 100, 400, new Score(0.5, 0.25)),
                        new Baselines.Alone("bob", 50, 200, new Score(0.75, 0.75))),
                600,
                new Score(0.96875, 0.9375));
    }

    private static RoundView evaluated() {
        return round(
                1,
                VersionRef.parse("spam-filter@2"),
                new RoundView.Evaluation(599, 0.25, 0.9375, 0.875, null, null, null, List.of()),
                List.of(
                        new RoundView.Client(
                                new AgentName("ada"),
                                ClientOutcome.ACCEPTED,
                                null,
                                null,
                                100,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                0.5,
                                1000,
                                100,
                                1200,
                                5000,
                                4000,
                                1.5,
                                Cost.NONE),
                        new RoundView.Client(
                                new AgentName("bob"),
                                ClientOutcome.MISSED,
                                "the round was sealed without it",
                                null,
                                0,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                null)));
    }

    private static RoundView notEvaluated() {
        return round(2, null, null, List.of());
    }

    private static RoundView round(
            int number,
            VersionRef published,
            RoundView.Evaluation evaluation,
            List<RoundView.Client> clients) {
        Instant start = Instant.parse("2026-01-05T10:00:00Z");
        return new RoundView(
                RoundId.parse("00000000-0000-0000-0000-00000000000" + number),
                number,
                0,
                RoundState.COMPLETED,
                VersionRef.parse("spam-filter@1"),
                published,
                2,
                clients,
                List.of(),
                evaluation,
                null,
                null,
                null,
                new RoundView.Traffic(1000, 100, 1200, 5000, 4000, 1000, 1000),
                Cost.NONE,
                new RoundView.Timing(1.5, 0.5, 0.25, 12.5),
                null,
                start,
                start.plusSeconds(600),
                start.plusSeconds(12));
    }
}
