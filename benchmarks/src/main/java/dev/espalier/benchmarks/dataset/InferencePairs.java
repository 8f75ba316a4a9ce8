package dev.espalier.benchmarks.dataset;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.corpus.AgentFile;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Natural language inference: every annotator of {@code nli_ling_in_loop} with enough pairs is a
 * client and holds what they wrote; a sample of its own validation split is for validation, MNLI's
 * matched validation set for the final score.
 *
 * @param fewest pairs of an annotator
 * @param validation how many pairs are drawn for validation
 * @param seed of that draw
 */
public record InferencePairs(int fewest, int validation, long seed) {

    public static final DataName TRAIN = new DataName("nli");
    public static final DataName VALIDATION = new DataName("nli-validation");
    public static final DataName TEST = new DataName("nli-test");

    private static final String TRAIN_PAIRS = "nli_ling_in_loop/train.jsonl.gz";
    private static final String HELD_PAIRS = "nli_ling_in_loop/validation.jsonl.gz";
    private static final String TEST_PAIRS = "mnli/validation_matched.jsonl.gz";

    /** Where they are looked for. */
    public static final SourceFiles FILES = new SourceFiles(TRAIN_PAIRS, HELD_PAIRS, TEST_PAIRS);

    private static final List<String> LABELS = List.of("entailment", "neutral", "contradiction");

    /** See {@link Newsgroups#deal}. */
    public Deal deal(Path data, Path into) throws IOException {
        Map<Integer, List<Map<String, String>>> byAnnotator = new TreeMap<>();
        for (JsonNode row : JsonLines.read(data.resolve(TRAIN_PAIRS))) {
            byAnnotator
                    .computeIfAbsent(row.get("worker").asInt(), unseen -> new ArrayList<>())
                    .add(pair(row));
        }
        List<Holding> holdings = new ArrayList<>();
        for (Map.Entry<Integer, List<Map<String, String>>> annotator : byAnnotator.entrySet()) {
            if (annotator.getValue().size() >= fewest) {
                String name = "annotator-%03d".formatted(annotator.getKey());
                holdings.add(hold(name, AgentPlan.Work.TRAIN, TRAIN, annotator.getValue(), into));
            }
        }
        List<Map<String, String>> held = pairs(data.resolve(HELD_PAIRS));
        Collections.shuffle(held, new Random(seed));
        holdings.add(
                hold(
                        "validation-desk",
                        AgentPlan.Work.EVALUATE,
                        VALIDATION,
                        held.subList(0, Math.min(validation, held.size())),
                        into));
        List<Map<String, String>> test = pairs(data.resolve(TEST_PAIRS));
        holdings.add(hold("test-desk", AgentPlan.Work.EVALUATE, TEST, test, into));
        return new Deal(LABELS, holdings);
    }

    private static List<Map<String, String>> pairs(Path file) throws IOException {
        List<Map<String, String>> pairs = new ArrayList<>();
        for (JsonNode row : JsonLines.read(file)) {
            pairs.add(pair(row));
        }
        return pairs;
    }

    private static Map<String, String> pair(JsonNode row) {
        Map<String, String> pair = new LinkedHashMap<>();
        pair.put("text", row.get("premise").asString());
        pair.put("secondText", row.get("hypothesis").asString());
        pair.put("label", LABELS.get(row.get("label").asInt()));
        return pair;
    }

    private static Holding hold(
            String name,
            AgentPlan.Work work,
            DataName data,
            List<Map<String, String>> pairs,
            Path into)
            throws IOException {
        Path file = into.resolve(name + ".jsonl");
        AgentFile.writeRows(file, pairs);
        AgentName agent = new AgentName(name);
        return new Holding(
                new AgentPlan(agent, work, data, file, AgentPlan.Rows.PAIRS), pairs.size());
    }
}
