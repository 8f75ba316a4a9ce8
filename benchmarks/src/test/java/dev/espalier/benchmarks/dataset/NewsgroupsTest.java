package dev.espalier.benchmarks.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.federation.AgentPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewsgroupsTest {

    private static final int TRAIN = 600;
    private static final int TEST = 50;
    private static final Newsgroups GROUPS = new Newsgroups(4, 0.5, 9);

    @TempDir Path folder;

    @BeforeEach
    void writePosts() throws IOException {
        Path posts = Files.createDirectories(folder.resolve("data").resolve("20newsgroups"));
        Files.writeString(posts.resolve("labels.txt"), "rec.garden\nsci.space\n");
        gzip(posts.resolve("train.stripped.jsonl.gz"), posts(TRAIN, 1));
        gzip(posts.resolve("test.stripped.jsonl.gz"), posts(TEST, 2));
    }

    @Test
    void everyPostThatIsNotEmptyIsHeldByExactlyOneAgent() throws IOException {
        Deal deal = deal("a");

        List<String> trained = lines(deal, AgentPlan.Work.TRAIN, "reader");
        List<String> validation = lines(deal, AgentPlan.Work.EVALUATE, "validation");
        List<String> test = lines(deal, AgentPlan.Work.EVALUATE, "test");
        List<String> all = new ArrayList<>(trained);
        all.addAll(validation);
        assertThat(all).hasSize(TRAIN - TRAIN / 10).doesNotHaveDuplicates();
        assertThat(validation.size()).isBetween(TRAIN / 20, TRAIN / 10);
        assertThat(test).hasSize(TEST - TEST / 10);
        assertThat(deal.labels()).containsExactly("rec.garden", "sci.space");
    }

    @Test
    void holdingsSayHowManyRowsTheirFilesHave() throws IOException {
        for (Holding holding : deal("a").holdings()) {
            assertThat(Files.readAllLines(holding.agent().texts())).hasSize(holding.rows());
        }
    }

    @Test
    void theSameSeedDealsTheSameFilesAndAnotherDealsOthers() throws IOException {
        List<String> first = contents(deal("a"));

        assertThat(contents(deal("b"))).isEqualTo(first);
        assertThat(contents(new Newsgroups(4, 0.5, 10).deal(data(), folder.resolve("c"))))
                .isNotEqualTo(first);
    }

    @Test
    void namesOfAgentsAreAllDifferent() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        deal("a").holdings().forEach(holding -> names.add(holding.agent().name().value()));

        assertThat(names).hasSize(4 + 2);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> GROUPS.deal(folder, folder.resolve("a")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("labels.txt");
    }

    private Deal deal(String into) throws IOException {
        return GROUPS.deal(data(), folder.resolve(into));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static List<String> lines(Deal deal, AgentPlan.Work work, String prefix)
            throws IOException {
        List<String> lines = new ArrayList<>();
        for (Holding holding : deal.holdings()) {
            if (holding.agent().work() == work
                    && holding.agent().name().value().startsWith(prefix)) {
                lines.addAll(Files.readAllLines(holding.agent().texts()));
            }
        }
        return lines;
    }

    private static List<String> contents(Deal deal) throws IOException {
        List<String> contents = new ArrayList<>();
        for (Holding holding : deal.holdings()) {
            contents.add(Files.readString(holding.agent().texts()));
        }
        return contents;
    }

    /** Every tenth is empty. */
    private static String posts(int count, long seed) {
        Random chance = new Random(seed);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < 12; word++) {
                text.append(Long.toString(chance.nextInt(1 << 20), 26).replaceAll("[0-9]", "x"))
                        .append(word < 11 ? " " : "");
            }
            lines.append(
                    "{\"id\": \"g/%d\", \"label\": %d, \"text\": \"%s\"}\n"
                            .formatted(i, i % 2, i % 10 == 9 ? "\\n " : text));
        }
        return lines.toString();
    }

    private static void gzip(Path file, String text) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
