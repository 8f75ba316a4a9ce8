package dev.espalier.benchmarks.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.benchmarks.dataset.Newsgroups;
import dev.espalier.benchmarks.experiment.Part;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.local.federation.HomeFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RanksExperimentTest {

    @TempDir Path folder;

    private Path posts;

    @BeforeEach
    void writePosts() throws IOException {
        Files.createDirectories(folder.resolve("models").resolve("all-minilm-l6-v2"));
        posts = Files.createDirectories(folder.resolve("data").resolve("20newsgroups"));
        Files.writeString(posts.resolve("labels.txt"), "rec.garden\nsci.space\n");
        write("train.stripped.jsonl.gz", 1000);
        write("test.stripped.jsonl.gz", 20);
    }

    @ParameterizedTest
    @EnumSource
    void everySizeIsOneStudyOfTenClientsEvaluatedInEveryRound(RankSize size) throws IOException {
        Study study = study(size);

        assertThat(study.clients())
                .hasSize(10)
                .allMatch(holding -> holding.agent().means().uplinkBytesPerSecond() != null);
        assertThat(study.evaluation().everyRounds()).isEqualTo(1);
        assertThat(study.evaluation().data()).isEqualTo(Newsgroups.VALIDATION);
        assertThat(study.evaluation().finalData()).isEqualTo(Newsgroups.TEST);
        assertThat(study.reference()).isEqualTo("homogeneous");
        assertThat(study.goals()).hasSize(7);
    }

    @Test
    void withoutItsDataThereIsNoExperiment() throws IOException {
        Files.delete(posts.resolve("labels.txt"));

        assertThatThrownBy(() -> study(RankSize.QUICK))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("labels.txt");
    }

    @Test
    void theReportSaysWhatAllArmsHaveInCommon() {
        assertThat(experiment(RankSize.QUICK).settings())
                .containsEntry("clients", 10)
                .containsEntry("dirichletAlpha", 0.5)
                .containsEntry("rank", 8)
                .containsKeys("learningRate", "localEpochs", "frozenLayersIn");
    }

    private Study study(RankSize size) throws IOException {
        List<Part> parts = experiment(size).parts(new HomeFolder(folder.resolve("home")));
        assertThat(parts).hasSize(1);
        return (Study) parts.getFirst();
    }

    private RanksExperiment experiment(RankSize size) {
        return new RanksExperiment(size, folder.resolve("data"), folder.resolve("models"));
    }

    private void write(String file, int rows) throws IOException {
        String text =
                IntStream.range(0, rows)
                        .mapToObj(RanksExperimentTest::post)
                        .collect(Collectors.joining("\n", "", "\n"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(posts.resolve(file)))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String post(int number) {
        String words =
                new Random(number)
                        .ints(60, 'a', 'z' + 1)
                        .mapToObj(letter -> (letter - 'a') % 5 == 4 ? " " : "" + (char) letter)
                        .collect(Collectors.joining());
        return "{\"id\": \"post-%d\", \"label\": %d, \"text\": \"%s\"}"
                .formatted(number, number % 2, words);
    }
}
