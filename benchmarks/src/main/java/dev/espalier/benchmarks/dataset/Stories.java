package dev.espalier.benchmarks.dataset;

import dev.espalier.protocol.DataName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Stories that a small model wrote itself: synthetic text, fit to see what pruning does to that
 * model, and for nothing else. The last ones are for validation and test.
 *
 * @param held stories for validation, and as many for the test
 */
public record Stories(int clients, int held) {

    public static final RunningTexts TEXTS = new RunningTexts(new DataName("stories"), "teller");

    private static final String FILE = "stories_sampled.jsonl.gz";

    /** In the model's folder. */
    public static final SourceFiles FILES = new SourceFiles(FILE);

    /**
     * See {@link Articles#deal}.
     *
     * @param model folder of the model that wrote them
     */
    public Deal deal(Path model, Path into) throws IOException {
        FILES.requireIn(model);
        List<String> stories =
                JsonLines.read(model.resolve(FILE)).stream()
                        .map(row -> row.get("text").asString())
                        .toList();
        int test = stories.size() - held;
        int validation = test - held;
        return TEXTS.deal(
                clients,
                new RunningTexts.Split(
                        stories.subList(0, validation),
                        stories.subList(validation, test),
                        stories.subList(test, stories.size())),
                into);
    }
}
