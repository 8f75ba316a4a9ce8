package dev.espalier.agent.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeldOutTest {

    private static final List<String> LABELS = List.of("ham", "spam");
    private static final List<String> WORDS =
            List.of("offer", "win", "money", "prize", "free", "cash", "lunch", "team", "report");

    @TempDir private Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aRowStaysOnItsSideInAnyOrderAndCompany(long seed) throws IOException {
        Random any = new Random(seed);
        List<String> rows = rows(60, any);
        String share = String.valueOf(any.nextDouble());
        Set<String> heldOut = heldOut(rows, share);

        Collections.shuffle(rows, any);
        List<String> half = rows.subList(0, 30);

        Set<String> expected = new HashSet<>(heldOut);
        expected.retainAll(new HashSet<>(half));
        assertThat(heldOut(half, share)).isEqualTo(expected);
    }

    @Test
    void theShareIsAboutMet() throws IOException {
        List<String> rows = rows(600, new Random(1));

        assertThat(heldOut(rows, "0.25").size() / (double) new HashSet<>(rows).size())
                .isBetween(0.18, 0.32);
        assertThat(heldOut(rows, "0")).isEmpty();
        assertThat(heldOut(rows, "1")).hasSameSizeAs(new HashSet<>(rows));
    }

    @Test
    void caseAndSpacesDoNotMakeAnotherText() throws IOException {
        Path file = write("Win  MONEY,spam\nwin money,spam\n win money ,ham\n");

        for (int seed = 0; seed < 10; seed++) {
            long heldOut =
                    PrivateData.open(
                                    Settings.of(
                                            file,
                                            "held-out.share",
                                            "0.5",
                                            "held-out.seed",
                                            String.valueOf(seed)))
                            .offer()
                            .heldOutRows();
            assertThat(heldOut).isIn(0L, 3L);
        }
    }

    @Test
    void aGroupIsNeverTornApart() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            rows.append(WORDS.get(i % 9)).append(' ').append(i).append(",ham,").append(i % 4);
            rows.append('\n');
        }
        Path file = folder.resolve("mail.csv");
        Files.writeString(file, "text,label,thread\n" + rows);

        PrivateData data =
                PrivateData.open(
                        Settings.of(file, "held-out.share", "0.5", "columns.group", "thread"));

        assertThat(data.offer().heldOutRows() % 10).isZero();
    }

    @Test
    void heldOutRowsMayLieInAnotherFile() throws IOException {
        Path other = folder.resolve("test.csv");
        Files.writeString(other, "text,label\nlunch,ham\nteam,ham\n");
        Path file = write("win,spam\n");

        PrivateData data = PrivateData.open(Settings.of(file, "held-out.path", other.toString()));

        assertThat(data.offer().trainRows()).isEqualTo(1);
        assertThat(data.offer().heldOutRows()).isEqualTo(2);
        assertThat(Tokens.words(data.heldOutExamples(Tokens.ENCODING, LABELS)))
                .containsExactly("0 lunch", "0 team");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameSeedDrawsTheSameExamples(long seed) throws IOException {
        Path file = write(String.join(",ham\n", rows(50, new Random(seed))) + ",ham\n");
        PrivateData data = PrivateData.open(Settings.of(file));

        List<String> drawn = Tokens.words(data.trainingExamples(Tokens.ENCODING, LABELS, seed, 10));

        assertThat(drawn)
                .hasSize(10)
                .isEqualTo(Tokens.words(data.trainingExamples(Tokens.ENCODING, LABELS, seed, 10)))
                .isSubsetOf(
                        Tokens.words(data.trainingExamples(Tokens.ENCODING, LABELS, seed, null)));
        assertThat(data.trainingExamples(Tokens.ENCODING, LABELS, seed, 51)).hasSize(50);
    }

    @Test
    void rowsWithALabelThatTheTaskDoesNotKnowAreNotTrainedOnInSilence() throws IOException {
        PrivateData data = PrivateData.open(Settings.of(write("lunch,ham\nwin,phish\n")));

        assertThatThrownBy(() -> data.trainingExamples(Tokens.ENCODING, LABELS, 0, null))
                .isInstanceOf(LabelsDoNotFitException.class)
                .hasMessageContaining("[phish]");
    }

    private Set<String> heldOut(List<String> texts, String share) throws IOException {
        Path file = write(String.join(",ham\n", texts) + ",ham\n");
        PrivateData data = PrivateData.open(Settings.of(file, "held-out.share", share));
        Set<String> words = new HashSet<>();
        Tokens.words(data.heldOutExamples(Tokens.ENCODING, LABELS))
                .forEach(text -> words.add(text.substring(2)));
        return words;
    }

    private static List<String> rows(int count, Random any) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> words = new ArrayList<>();
            for (int w = 0; w < 5; w++) {
                words.add(WORDS.get(any.nextInt(WORDS.size())));
            }
            rows.add(String.join(" ", words));
        }
        return rows;
    }

    private Path write(String rows) throws IOException {
        return Files.writeString(folder.resolve("mail.csv"), "text,label\n" + rows);
    }
}
