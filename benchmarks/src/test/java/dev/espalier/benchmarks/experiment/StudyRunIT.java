package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.local.Opened;
import dev.espalier.local.display.Display;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.TinyBert;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.transfer.Sleeper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two arms on a real federation: PostgreSQL, three services, agents, a tiny model. */
@Timeout(300)
class StudyRunIT {

    @TempDir Path folder;

    private final List<String> said = new ArrayList<>();

    @Test
    void twoArmsEndWithTheSameCohortsAndAFinalScoreAndAreReadBackLater() throws Exception {
        HomeFolder home = new HomeFolder(folder.resolve("home"));
        Study study = study();
        try (Opened opened = Opened.folder(home)) {
            List<Run> runs = run(study, home, opened);
            List<Run> readBack = run(study, home, opened);

            StudyReport report = StudyReport.of(study, runs);
            assertThat(report.arms().keySet()).containsExactly("one", "other");
            assertThat(report.arms().values())
                    .allSatisfy(arm -> {
                        assertThat(arm.figures().rounds()).isEqualTo(2);
                        assertThat(arm.figures().accuracy()).isBetween(0.0, 1.0);
                        assertThat(arm.figures().bytesUp()).isPositive();
                        assertThat(arm.figures().trainSeconds()).isPositive();
                        assertThat(arm.perSeed()).hasSize(1);
                    });
            assertThat(report.arms().get("other").perSeed().getFirst().cohorts())
                    .isEqualTo(report.arms().get("one").perSeed().getFirst().cohorts());
            assertThat(StudyReport.of(study, readBack)).isEqualTo(report);
        }
    }

    private List<Run> run(Study study, HomeFolder home, Opened opened) throws Exception {
        return new StudyRun(display(), InstantSource.system(), Sleeper.real())
                .run(study, home, opened, 1, Map.of("one", Duration.ofSeconds(2)));
    }

    private Display display() {
        return new Display() {
            @Override
            public void say(String line) {
                said.add(line);
            }

            @Override
            public void show(List<String> block) {
                // nobody is looking
            }
        };
    }

    private Study study() throws Exception {
        return new Study(
                "tiny",
                "Tiny",
                TinyBert.write(folder.resolve("tiny-bert")),
                new ModelShape(2, 2, 16, 32),
                new ModelName("tiny-bert"),
                TaskSpec.classification(List.of("ham", "spam"), 16),
                new DataName("mail"),
                new EvaluationSpec(new DataName("mail-validation"), 1, new DataName("mail-test")),
                List.of(
                        holding("ada", AgentPlan.Work.TRAIN, "mail", 1),
                        holding("bob", AgentPlan.Work.TRAIN, "mail", 2),
                        holding("cid", AgentPlan.Work.TRAIN, "mail", 3),
                        holding("eve", AgentPlan.Work.EVALUATE, "mail-validation", 4),
                        holding("fay", AgentPlan.Work.EVALUATE, "mail-test", 5)),
                List.of(arm("one", 0.01), arm("other", 0.001)),
                List.of(3L),
                List.of(),
                "one",
                null,
                List.of());
    }

    private Holding holding(String name, AgentPlan.Work work, String data, long seed)
            throws Exception {
        Path file = TinyBert.mail(folder.resolve("data").resolve(name + ".jsonl"), 24, seed);
        return new Holding(new AgentPlan(new AgentName(name), work, new DataName(data), file), 24);
    }

    private static Arm arm(String name, double rate) {
        return new Arm(
                name,
                new PhaseSpec.FineTune(
                        2,
                        new SelectionSpec.Uniform(0.7),
                        new AdapterSpec(2, 4.0, 0.0, null),
                        null,
                        new AggregationSpec.FedAvg(null),
                        new TrainingSpec(1, 4, rate, null, null, null, null, 16),
                        Duration.ofMinutes(2),
                        1.0));
    }
}
