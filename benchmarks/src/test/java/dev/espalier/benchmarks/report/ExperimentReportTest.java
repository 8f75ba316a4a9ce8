package dev.espalier.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Jobs;
import dev.espalier.benchmarks.experiment.Rounds;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExperimentReportTest {

    private static final Study STUDY =
            Jobs.study(List.of(Jobs.arm("dense", 2), Jobs.arm("pruned", 2)), List.of(1L, 2L));

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "accuracy",
                "macroF1",
                "bytesUp",
                "taskHeadBytesUp",
                "wireBytesUp",
                "bytesDown",
                "baseBytesDown",
                "macs",
                "attentionMacs",
                "attentionMacsDenseOutput",
                "scoringMacs",
                "trainSeconds",
                "rounds"
            })
    void everyFigureIsANumberOfTheArmAndOfEachSeed(String figure) throws Exception {
        for (JsonNode arm : written(0.6).get("arms")) {
            assertThat(arm.get(figure).isNumber()).isTrue();
            assertThat(arm.get("perSeed")).hasSize(2);
            assertThat(arm.get("perSeed"))
                    .allMatch(seed -> seed.get(figure).isNumber() && seed.get("seed").isNumber());
        }
    }

    @Test
    void armsAreAnObjectByNameAndSeedsAList() throws Exception {
        JsonNode report = written(0.6);

        assertThat(report.get("arms").isObject()).isTrue();
        assertThat(report.get("arms").propertyNames()).containsExactly("dense", "pruned");
        assertThat(report.get("arms").get("dense").get("seeds").isArray()).isTrue();
        assertThat(report.get("arms").get("dense").get("rounds").asInt()).isEqualTo(2);
        assertThat(report.get("arms").get("dense").has("figures")).isFalse();
        assertThat(report.get("arms").get("dense").get("phases").get(0).get("rounds").asInt())
                .isEqualTo(2);
        assertThat(report.get("goals").isArray()).isTrue();
        assertThat(report.get("machine").get("cores").isNumber()).isTrue();
        assertThat(report.get("command").asString()).isEqualTo("./espalier experiment small");
        assertThat(report.get("parts").get("nli").get("skipped").asString()).isEqualTo("no data");
    }

    @Test
    void figuresOfAnArmAreMeansOverItsSeeds() throws Exception {
        JsonNode arm = written(0.6).get("arms").get("pruned");

        assertThat(arm.get("accuracy").asDouble()).isEqualTo((0.6 + 0.5) / 2);
        assertThat(arm.get("perSeed").get(0).get("accuracy").asDouble()).isEqualTo(0.6);
        assertThat(arm.get("perSeed").get(1).get("accuracy").asDouble()).isEqualTo(0.5);
    }

    @Test
    void roundsToTargetIsThereAndNullWhereItWasNeverReached() throws Exception {
        JsonNode arms = written(0.6).get("arms");

        assertThat(arms.get("dense").get("roundsToTarget").isNull()).isTrue();
        assertThat(arms.get("dense").has("macsToTarget")).isTrue();
    }

    @Test
    void theTargetStandsAtTheTopAndInEveryArm() throws Exception {
        JsonNode report = written(0.6);

        assertThat(report.get("target").asDouble()).isEqualTo(0.95 * 0.5);
        for (JsonNode arm : report.get("arms")) {
            assertThat(arm.get("target")).isEqualTo(report.get("target"));
            assertThat(arm.get("perSeed").get(0).get("target")).isEqualTo(report.get("target"));
        }
    }

    @ParameterizedTest(name = "dense ends at {0}")
    @ValueSource(doubles = {0.399, 0.1})
    void aWeakDenseArmMakesTheReportInvalid(double accuracy) throws Exception {
        JsonNode report = written(accuracy);

        assertThat(report.get("valid").isBoolean()).isTrue();
        assertThat(report.get("valid").asBoolean()).isFalse();
        assertThat(report.get("invalidBecause").get(0).asString()).contains("below 0.4");
    }

    @Test
    void aDenseArmThatIsStrongEnoughMakesItValid() throws Exception {
        assertThat(written(0.4).get("valid").asBoolean()).isTrue();
    }

    /** Dense ends at the same accuracy with both seeds, the pruned arm at 0.6 and 0.5. */
    private JsonNode written(double dense) throws Exception {
        List<Run> runs =
                List.of(
                        run("dense", 1, dense),
                        run("pruned", 1, 0.6),
                        run("dense", 2, dense),
                        run("pruned", 2, 0.5));
        ExperimentReport.Circumstances here =
                new ExperimentReport.Circumstances(
                        "small",
                        "quick",
                        "./espalier experiment small",
                        new Machine("a processor", 2, "Linux", "25"),
                        Map.of("espalier", "0.1"),
                        Map.of("clients", 2));
        ExperimentReport report =
                ExperimentReport.of(
                        here,
                        StudyReport.of(STUDY, runs),
                        Map.of("nli", StudyReport.skipped("nli", "no data")),
                        Instant.EPOCH);
        Path file = folder.resolve("deep").resolve("report.json");
        report.write(file);
        return JsonMapper.shared().readTree(file);
    }

    private static Run run(String arm, long seed, double accuracy) {
        Study study = STUDY;
        VersionRef base = VersionRef.parse("base@1");
        JobView job =
                new JobView(
                        new JobId(new UUID(seed, 1)),
                        JobState.COMPLETED,
                        study.job(
                                study.arms().stream()
                                        .filter(each -> each.name().equals(arm))
                                        .findFirst()
                                        .orElseThrow(),
                                seed,
                                base),
                        base,
                        2,
                        2,
                        null,
                        null,
                        null,
                        null,
                        Instant.EPOCH,
                        null);
        return new Run(
                arm,
                seed,
                job,
                List.of(Rounds.ended(1, 0.3, null), Rounds.ended(2, 0.5, accuracy)),
                null,
                null);
    }
}
