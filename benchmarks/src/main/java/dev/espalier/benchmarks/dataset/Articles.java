package dev.espalier.benchmarks.dataset;

import dev.espalier.protocol.DataName;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * WikiText-2 in its word tokens, by whole articles, dealt out in an order that is drawn.
 *
 * <p>A line ends with the end of text, as in the stream that the model was trained on.
 *
 * @param validation articles of the validation split that are held for it
 * @param test articles of the test split; more than there are: all of them
 * @param seed of the deal; one for all runs
 */
public record Articles(int clients, int validation, int test, long seed) {

    public static final RunningTexts TEXTS = new RunningTexts(new DataName("articles"), "library");

    private static final String END_OF_LINE = " </s>";

    private static final String TRAIN = "wikitext2/wiki.train.tokens.gz";
    private static final String VALIDATION = "wikitext2/wiki.valid.tokens.gz";
    private static final String TEST = "wikitext2/wiki.test.tokens.gz";

    /** Where they are looked for. */
    public static final SourceFiles FILES = new SourceFiles(TRAIN, VALIDATION, TEST);

    /** For the report. */
    public Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("clients", clients);
        told.put("dealSeed", seed);
        told.put("validationArticles", validation);
        told.put("testArticles", test);
        return told;
    }

    /**
     * Reads, deals and writes. The same folder and seed give the same files.
     *
     * @param data holds the folder of the data set
     * @param into gets a file for every agent
     * @throws java.io.FileNotFoundException if the data is not all there
     */
    public Deal deal(Path data, Path into) throws IOException {
        FILES.requireIn(data);
        List<String> train = read(data.resolve(TRAIN));
        Collections.shuffle(train, new Random(seed));
        return TEXTS.deal(
                clients,
                new RunningTexts.Split(
                        train,
                        first(validation, read(data.resolve(VALIDATION))),
                        first(test, read(data.resolve(TEST)))),
                into);
    }

    private static List<String> first(int most, List<String> articles) {
        return articles.subList(0, Math.min(most, articles.size()));
    }

    /** In the order of the file. */
    static List<String> read(Path file) throws IOException {
        List<String> articles = new ArrayList<>();
        StringBuilder article = new StringBuilder();
        boolean begun = false;
        try (BufferedReader lines = JsonLines.open(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (begun && isTitle(line)) {
                    articles.add(article.toString());
                    article.setLength(0);
                }
                begun |= isTitle(line);
                article.append(line.strip()).append(END_OF_LINE).append('\n');
            }
        }
        articles.add(article.toString());
        return articles;
    }

    /** {@code = A name =}, not {@code = = Of a section = =}. */
    private static boolean isTitle(String line) {
        String text = line.strip();
        return text.startsWith("= ")
                && text.endsWith(" =")
                && !text.startsWith("= =")
                && !text.endsWith("= =");
    }
}
