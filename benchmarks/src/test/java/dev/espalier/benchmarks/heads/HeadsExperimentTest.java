package dev.espalier.benchmarks.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.benchmarks.dataset.InferencePairs;
import dev.espalier.benchmarks.dataset.Newsgroups;
import dev.espalier.benchmarks.dataset.RestaurantTexts;
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
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeadsExperimentTest {

    @TempDir Path folder;

    private Path data;
    private Path t5;

    @BeforeEach
    void writeEverything() throws IOException {
        data = folder.resolve("data");
        t5 = Files.createDirectories(folder.resolve("t5"));
        Files.writeString(t5.resolve("config.json"), "{}");
        Files.createDirectories(folder.resolve("models").resolve("all-minilm-l6-v2"));
        Files.createDirectories(data.resolve("20newsgroups"));
        Files.writeString(data.resolve("20newsgroups/labels.txt"), "rec.garden\nsci.space\n");
        write("20newsgroups/train.stripped.jsonl.gz", HeadsExperimentTest::post, 1000);
        write("20newsgroups/test.stripped.jsonl.gz", HeadsExperimentTest::post, 20);
        write("nli_ling_in_loop/train.jsonl.gz", HeadsExperimentTest::pair, 250);
        write("nli_ling_in_loop/validation.jsonl.gz", HeadsExperimentTest::pair, 20);
        write("mnli/validation_matched.jsonl.gz", HeadsExperimentTest::pair, 20);
        for (String split : List.of("trainset", "devset", "testset_w_refs")) {
            write("e2e_nlg/" + split + ".csv.gz", HeadsExperimentTest::meaning, 60);
        }
    }

    @Test
    void withAllItsDataItHasThreeStudies() throws IOException {
        assertThat(parts()).extracting(Part::name).containsExactly("newsgroups", "nli", "e2e");
        assertThat(parts()).allMatch(Study.class::isInstance);
    }

    static Stream<String> ofPairs() {
        return InferencePairs.FILES.paths().stream();
    }

    @ParameterizedTest
    @MethodSource("ofPairs")
    void aStudyOnPairsThatLacksAFileIsLeftOut(String file) throws IOException {
        Files.delete(data.resolve(file));

        assertOnlyIsLeftOut("nli", file);
    }

    static Stream<String> ofTexts() {
        return RestaurantTexts.FILES.paths().stream();
    }

    @ParameterizedTest
    @MethodSource("ofTexts")
    void aStudyOnTextsThatLacksAFileIsLeftOut(String file) throws IOException {
        Files.delete(data.resolve(file));

        assertOnlyIsLeftOut("e2e", file);
    }

    @Test
    void aStudyOnTextsWithoutItsModelIsLeftOut() throws IOException {
        Files.delete(t5.resolve("config.json"));

        assertOnlyIsLeftOut("e2e", "--model");
    }

    static Stream<String> ofNewsgroups() {
        return Newsgroups.FILES.paths().stream();
    }

    @ParameterizedTest
    @MethodSource("ofNewsgroups")
    void withoutTheDataOfTheExperimentProperThereIsNone(String file) throws IOException {
        Files.delete(data.resolve(file));

        assertThatThrownBy(this::parts)
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(file);
    }

    private void assertOnlyIsLeftOut(String study, String because) throws IOException {
        assertThat(parts())
                .allSatisfy(part -> {
                    if (part.name().equals(study)) {
                        assertThat(part)
                                .isInstanceOfSatisfying(
                                        Part.Skipped.class,
                                        out -> assertThat(out.reason()).contains(because));
                    } else {
                        assertThat(part).isInstanceOf(Study.class);
                    }
                });
    }

    private List<Part> parts() throws IOException {
        return new HeadsExperiment(HeadSize.DEFAULT, data, folder.resolve("models"), t5)
                .parts(new HomeFolder(folder.resolve("home")));
    }

    /** What stands in a line; line 0 may be a header. */
    @FunctionalInterface
    private interface Line {

        String of(int number);
    }

    private void write(String file, Line line, int lines) throws IOException {
        Path path = data.resolve(file);
        Files.createDirectories(path.getParent());
        String text =
                IntStream.range(0, lines)
                        .mapToObj(line::of)
                        .collect(Collectors.joining("\n", "", "\n"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String post(int number) {
        return "{\"id\": \"post-%d\", \"label\": %d, \"text\": \"%s\"}"
                .formatted(number, number % 2, words(new Random(number)));
    }

    /** No two posts are nearly the same. */
    private static String words(Random chance) {
        return chance.ints(60, 'a', 'z' + 1)
                .mapToObj(letter -> (letter - 'a') % 5 == 4 ? " " : String.valueOf((char) letter))
                .collect(Collectors.joining());
    }

    private static String pair(int number) {
        return "{\"worker\": 5, \"premise\": \"p %d\", \"hypothesis\": \"h\", \"label\": %d}"
                .formatted(number, number % 3);
    }

    private static String meaning(int number) {
        return number == 0
                ? "mr,ref"
                : "\"name[n%d], food[f], area%d[a]\",a text".formatted(number, number % 30);
    }
}
