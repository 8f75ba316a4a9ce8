package dev.espalier.benchmarks.dataset;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.corpus.AgentFile;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * E2E: a text about a restaurant is written from its attributes. Meaning representations with the
 * same attributes are one type; whole types are dealt out to the clients in turn, the largest
 * first, so that each client knows some kinds of restaurants and not the others.
 *
 * @param validation rows that are drawn for validation, of the development set
 * @param seed of that draw
 */
public record RestaurantTexts(int clients, int validation, long seed) {

    public static final DataName TRAIN = new DataName("e2e");
    public static final DataName VALIDATION = new DataName("e2e-validation");
    public static final DataName TEST = new DataName("e2e-test");

    private static final String TRAIN_TEXTS = "e2e_nlg/trainset.csv.gz";
    private static final String HELD_TEXTS = "e2e_nlg/devset.csv.gz";
    private static final String TEST_TEXTS = "e2e_nlg/testset_w_refs.csv.gz";

    /** Where they are looked for. */
    public static final SourceFiles FILES = new SourceFiles(TRAIN_TEXTS, HELD_TEXTS, TEST_TEXTS);

    /** See {@link Newsgroups#deal}. */
    public Deal deal(Path data, Path into) throws IOException {
        List<Holding> holdings = new ArrayList<>();
        for (List<Map<String, String>> hand : dealt(rows(data.resolve(TRAIN_TEXTS)))) {
            String name = "guide-%02d".formatted(holdings.size() + 1);
            holdings.add(hold(name, AgentPlan.Work.TRAIN, TRAIN, hand, into));
        }
        List<Map<String, String>> held = firstReferences(rows(data.resolve(HELD_TEXTS)));
        Collections.shuffle(held, new Random(seed));
        held = held.subList(0, Math.min(validation, held.size()));
        holdings.add(hold("validation-desk", AgentPlan.Work.EVALUATE, VALIDATION, held, into));
        List<Map<String, String>> test = rows(data.resolve(TEST_TEXTS));
        holdings.add(hold("test-desk", AgentPlan.Work.EVALUATE, TEST, firstReferences(test), into));
        return new Deal(List.of(), holdings);
    }

    private List<List<Map<String, String>>> dealt(List<Map<String, String>> rows) {
        Map<String, List<Map<String, String>>> types = new TreeMap<>();
        for (Map<String, String> row : rows) {
            types.computeIfAbsent(type(row), unseen -> new ArrayList<>()).add(row);
        }
        List<List<Map<String, String>>> largestFirst = new ArrayList<>(types.values());
        largestFirst.sort((one, other) -> Integer.compare(other.size(), one.size()));
        List<List<Map<String, String>>> hands = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            hands.add(new ArrayList<>());
        }
        for (int i = 0; i < largestFirst.size(); i++) {
            hands.get(i % clients).addAll(largestFirst.get(i));
        }
        return hands;
    }

    /** "name[The Vaults], eatType[pub]" is "name, eatType". */
    private static String type(Map<String, String> row) {
        return row.getOrDefault("text", "").replaceAll("\\[[^\\]]*\\]", "");
    }

    /** One row for each meaning representation. */
    private static List<Map<String, String>> firstReferences(List<Map<String, String>> rows) {
        Map<String, Map<String, String>> first = new LinkedHashMap<>();
        rows.forEach(row -> first.putIfAbsent(row.getOrDefault("text", ""), row));
        return new ArrayList<>(first.values());
    }

    private static List<Map<String, String>> rows(Path file) throws IOException {
        CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
        List<Map<String, String>> rows = new ArrayList<>();
        try (BufferedReader lines = JsonLines.open(file);
                CSVParser parser = CSVParser.parse(lines, format)) {
            String meaning = parser.getHeaderNames().getFirst(); // mr or MR
            for (CSVRecord line : parser) {
                Map<String, String> row = new LinkedHashMap<>();
                row.put("text", line.get(meaning));
                row.put("target", line.get("ref").strip());
                rows.add(row);
            }
        }
        return rows;
    }

    private static Holding hold(
            String name,
            AgentPlan.Work work,
            DataName data,
            List<Map<String, String>> rows,
            Path into)
            throws IOException {
        Path file = into.resolve(name.toLowerCase(Locale.ROOT) + ".jsonl");
        AgentFile.writeRows(file, rows);
        AgentName agent = new AgentName(name);
        return new Holding(
                new AgentPlan(agent, work, data, file, AgentPlan.Rows.TEXT_TO_TEXT), rows.size());
    }
}
