package dev.espalier.benchmarks.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.protocol.DataName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArticlesTest {

    private static final int TRAIN = 7;

    @TempDir Path folder;

    @BeforeEach
    void writeArticles() throws IOException {
        Path texts = Files.createDirectories(folder.resolve("data").resolve("wikitext2"));
        write(texts.resolve("wiki.train.tokens.gz"), TRAIN);
        write(texts.resolve("wiki.valid.tokens.gz"), 3);
        write(texts.resolve("wiki.test.tokens.gz"), 2);
    }

    @Test
    void everyTrainingArticleIsHeldByOneClientAndByThePool() throws IOException {
        Deal deal = deal(3, "a");

        List<String> clients = rows(deal, "articles");
        assertThat(clients).hasSize(TRAIN).doesNotHaveDuplicates();
        assertThat(rows(deal, "articles-pooled")).containsExactlyInAnyOrderElementsOf(clients);
        assertThat(rows(deal, "articles-validation")).hasSize(1);
        assertThat(rows(deal, "articles-test")).hasSize(2);
    }

    @Test
    void anArticleBeginsAtItsTitleAndNotAtASection() throws IOException {
        List<String> articles =
                Articles.read(folder.resolve("data/wikitext2").resolve("wiki.test.tokens.gz"));

        assertThat(articles)
                .containsExactly(
                        " </s>\n"
                                + "= Number 0 = </s>\n"
                                + " </s>\n"
                                + "= = Life = = </s>\n"
                                + "It is 0 . </s>\n"
                                + " </s>\n",
                        "= Number 1 = </s>\n </s>\n= = Life = = </s>\nIt is 1 . </s>\n");
    }

    @Test
    void theSameSeedDealsTheSameFiles() throws IOException {
        List<String> first = rows(deal(3, "a"), "articles");

        assertThat(rows(deal(3, "b"), "articles")).isEqualTo(first);
        assertThat(rows(new Articles(3, 1, 9, 6).deal(data(), folder.resolve("c")), "articles"))
                .isNotEqualTo(first)
                .containsExactlyInAnyOrderElementsOf(first);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> new Articles(3, 1, 9, 5).deal(folder, folder.resolve("a")))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("wiki.train.tokens.gz");
    }

    private Deal deal(int clients, String into) throws IOException {
        return new Articles(clients, 1, 9, 5).deal(data(), folder.resolve(into));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static List<String> rows(Deal deal, String data) throws IOException {
        List<String> rows = new ArrayList<>();
        for (Holding holding : deal.holdings()) {
            if (holding.agent().data().equals(new DataName(data))) {
                List<String> lines = Files.readAllLines(holding.agent().texts());
                assertThat(holding.rows()).as("windows").isEqualTo(1);
                rows.addAll(lines);
            }
        }
        return rows;
    }

    private static void write(Path file, int articles) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < articles; i++) {
            text.append(" \n = Number %d = \n \n = = Life = = \n It is %d . \n".formatted(i, i));
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
