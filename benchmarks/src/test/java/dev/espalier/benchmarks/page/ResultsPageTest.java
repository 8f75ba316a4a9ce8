package dev.espalier.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Jobs;
import dev.espalier.benchmarks.experiment.Rounds;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.benchmarks.report.ExperimentReport;
import dev.espalier.benchmarks.report.Machine;
import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsPageTest {

    private static final Pattern PICTURE = Pattern.compile("!\\[[^\\]]*\\]\\(([^)]*)\\)");

    @TempDir Path folder;

    private String page;

    @BeforeEach
    void writePage() throws IOException {
        Study study = Jobs.study(List.of(Jobs.arm("dense", 2), Jobs.arm("pruned", 2)), List.of(1L));
        StudyReport first =
                StudyReport.of(study, List.of(run(study, "dense"), run(study, "pruned")));
        ExperimentReport report =
                ExperimentReport.of(
                        new ExperimentReport.Circumstances(
                                "small",
                                "quick",
                                "./espalier experiment small",
                                new Machine("a processor", 2, "Linux", "25"),
                                Map.of("espalier", "0.1"),
                                Map.of("clients", 2)),
                        first,
                        Map.of("nli", StudyReport.skipped("nli", "there is no data")),
                        Instant.EPOCH);
        HeadMap map =
                new HeadMap(
                        List.of(new HeadMap.Block("layer.0", 1)),
                        List.of(
                                new HeadMap.Round(
                                        1,
                                        2,
                                        List.of(List.of(1)),
                                        List.of(List.of(0.5)),
                                        List.of(),
                                        List.of())));
        Path written =
                ResultsPage.write(
                        folder,
                        report,
                        first,
                        Map.of(
                                "small",
                                new ArmMaps(
                                        Map.of("pruned", map), Map.of("pruned", components()))));
        page = Files.readString(written);
    }

    @Test
    void everyPictureOnThePageIsThereAndIsXml() throws Exception {
        List<String> pictures =
                PICTURE.matcher(page).results().map(MatchResult::group).distinct().toList();

        assertThat(pictures).hasSize(7);
        for (MatchResult picture : PICTURE.matcher(page).results().toList()) {
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(folder.resolve(picture.group(1)).toFile());
        }
        assertThat(page).contains("heads-pruned.svg").contains("components-pruned.svg");
    }

    @Test
    void everyArmHasARowAndWhatWasLeftOutSaysWhy() {
        assertThat(page)
                .contains("| dense | 60.0 % (macro F1 0.300) |")
                .contains("| pruned | 60.0 % (macro F1 0.300) |")
                .contains("Not run: there is no data")
                .contains("`./espalier experiment small`")
                .doesNotContain("**Not valid**");
    }

    private static ComponentMap components() {
        return new ComponentMap(
                List.of(new ComponentMap.Module("bert.encoder.layer.0.query", 2)),
                List.of(
                        new ComponentMap.Round(
                                1,
                                4,
                                List.of(List.of(4, 1)),
                                List.of(List.of(0.5, 0.1)),
                                List.of(List.of(0, 0)),
                                null,
                                List.of())));
    }

    private static Run run(Study study, String arm) {
        VersionRef base = VersionRef.parse("base@1");
        JobView job =
                new JobView(
                        new JobId(new UUID(0, 1)),
                        JobState.COMPLETED,
                        study.job(study.arms().getFirst(), 1, base),
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
                1,
                job,
                List.of(Rounds.ended(1, 0.3, null), Rounds.ended(2, 0.5, 0.6)),
                null,
                null);
    }
}
