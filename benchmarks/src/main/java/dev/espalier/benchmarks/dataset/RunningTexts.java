package dev.espalier.benchmarks.dataset;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.corpus.AgentFile;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.EvaluationSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Texts to be continued, dealt out to the clients in turn. One more agent holds all that the
 * clients hold together, for arms that ask what pooling it would give; two hold what is measured
 * on.
 *
 * @param train what the clients' data is called; that of the others is named after it
 * @param client what a client is called
 */
public record RunningTexts(DataName train, String client) {

    /** Of 256 tokens; for forecasts. */
    private static final long CHARACTERS_OF_A_WINDOW = 1000;

    /** All that the clients hold, with one agent. */
    public DataName pooled() {
        return named("pooled");
    }

    /** On validation texts every so many rounds, on test texts at the end. */
    public EvaluationSpec evaluated(int everyRounds) {
        return new EvaluationSpec(named("validation"), everyRounds, null, named("test"));
    }

    /**
     * What the texts are split into.
     *
     * @param train in the order in which they are dealt
     */
    record Split(List<String> train, List<String> validation, List<String> test) {}

    /**
     * @param into gets a file for every agent; the same texts give the same files
     */
    Deal deal(int clients, Split texts, Path into) throws IOException {
        List<Holding> holdings = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            String name = "%s-%02d".formatted(client, i + 1);
            holdings.add(hold(name, AgentPlan.Work.TRAIN, train, hand(texts, i, clients), into));
        }
        holdings.add(hold("pool", AgentPlan.Work.TRAIN, pooled(), texts.train(), into));
        holdings.add(desk("validation", texts.validation(), into));
        holdings.add(desk("test", texts.test(), into));
        return new Deal(List.of(), holdings);
    }

    private static List<String> hand(Split texts, int client, int clients) {
        List<String> hand = new ArrayList<>();
        for (int i = client; i < texts.train().size(); i += clients) {
            hand.add(texts.train().get(i));
        }
        return hand;
    }

    private Holding desk(String part, List<String> texts, Path into) throws IOException {
        return hold(part + "-desk", AgentPlan.Work.EVALUATE, named(part), texts, into);
    }

    private DataName named(String part) {
        return new DataName(train + "-" + part);
    }

    private static Holding hold(
            String name, AgentPlan.Work work, DataName data, List<String> texts, Path into)
            throws IOException {
        Path file = into.resolve(name + ".jsonl");
        AgentFile.writeRows(file, texts.stream().map(text -> Map.of("text", text)).toList());
        return new Holding(
                new AgentPlan(new AgentName(name), work, data, file, AgentPlan.Rows.RUNNING_TEXT),
                windows(texts));
    }

    private static int windows(List<String> texts) {
        long characters = texts.stream().mapToLong(String::length).sum();
        return Math.toIntExact(Math.ceilDiv(characters, CHARACTERS_OF_A_WINDOW));
    }
}
