package dev.espalier.benchmarks.dataset;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.corpus.AgentFile;
import dev.espalier.local.corpus.Corpus;
import dev.espalier.local.corpus.DirichletDeal;
import dev.espalier.local.corpus.LabelledText;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.EvaluationSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * 20 Newsgroups by date, without headers, footers and quotes; posts that are empty then are left
 * out. A tenth of the training posts is held for validation, near-duplicates on one side; the rest
 * is dealt out by a Dirichlet distribution over the labels.
 *
 * @param seed of the split and of the deal; one for all runs
 */
public record Newsgroups(int clients, double alpha, long seed) {

    public static final DataName TRAIN = new DataName("newsgroups");
    public static final DataName VALIDATION = new DataName("newsgroups-validation");
    public static final DataName TEST = new DataName("newsgroups-test");

    private static final String LABELS = "20newsgroups/labels.txt";
    private static final String TRAIN_POSTS = "20newsgroups/train.stripped.jsonl.gz";
    private static final String TEST_POSTS = "20newsgroups/test.stripped.jsonl.gz";

    /** Where they are looked for. */
    public static final SourceFiles FILES = new SourceFiles(LABELS, TRAIN_POSTS, TEST_POSTS);

    /** What a reader of results on it must know. */
    public static final List<String> NOTES =
            List.of(
                    "By-date split without headers, footers and quotes; empty posts dropped.",
                    "A tenth of the training posts is for validation; the final score is on the"
                            + " whole test split.");

    private static final double USUAL_ALPHA = 0.5;
    private static final long USUAL_SEED = 20;
    private static final int LEAST = 32;
    private static final double HELD = 0.1;

    /** As the experiments deal them. */
    public static Newsgroups among(int clients) {
        return new Newsgroups(clients, USUAL_ALPHA, USUAL_SEED);
    }

    /** For the report. */
    public Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("clients", clients);
        told.put("dirichletAlpha", alpha);
        told.put("dealSeed", seed);
        return told;
    }

    public static EvaluationSpec evaluated(int everyRounds) {
        return new EvaluationSpec(VALIDATION, everyRounds, null, TEST);
    }

    /**
     * Reads, splits, deals and writes. The same folder and seed give the same files.
     *
     * @param data holds the folder of the data set
     * @param into gets a file for every agent
     * @throws FileNotFoundException if the data is not all there
     */
    public Deal deal(Path data, Path into) throws IOException {
        FILES.requireIn(data);
        List<String> labels = labels(data.resolve(LABELS));
        List<LabelledText> train = posts(data.resolve(TRAIN_POSTS), labels);
        List<LabelledText> test = posts(data.resolve(TEST_POSTS), labels);
        Corpus.Split split = Corpus.of(train).split((int) Math.round(HELD * train.size()), seed);
        List<Holding> holdings = new ArrayList<>();
        for (Corpus hand : new DirichletDeal(clients, alpha, LEAST, seed).deal(split.left())) {
            String name = "reader-%02d".formatted(holdings.size() + 1);
            holdings.add(hold(name, AgentPlan.Work.TRAIN, TRAIN, hand.texts(), into));
        }
        List<LabelledText> held = split.taken().texts();
        holdings.add(hold("validation-desk", AgentPlan.Work.EVALUATE, VALIDATION, held, into));
        holdings.add(hold("test-desk", AgentPlan.Work.EVALUATE, TEST, test, into));
        return new Deal(labels, holdings);
    }

    private static List<String> labels(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    }

    private static List<LabelledText> posts(Path file, List<String> labels) throws IOException {
        List<LabelledText> posts = new ArrayList<>();
        for (JsonNode row : JsonLines.read(file)) {
            String text = row.get("text").asString();
            if (!text.isBlank()) {
                String label = labels.get(row.get("label").asInt());
                posts.add(new LabelledText(row.get("id").asString(), label, text));
            }
        }
        return posts;
    }

    private static Holding hold(
            String name, AgentPlan.Work work, DataName data, List<LabelledText> texts, Path into)
            throws IOException {
        Path file = into.resolve(name + ".jsonl");
        AgentFile.write(file, texts);
        return new Holding(new AgentPlan(new AgentName(name), work, data, file), texts.size());
    }
}
