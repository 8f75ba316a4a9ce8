package dev.espalier.local.corpus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Labelled texts in groups of near-duplicates. Whatever is cut from it is cut between groups, never
 * through one.
 *
 * @param groups none empty
 */
public record Corpus(List<List<LabelledText>> groups) {

    public Corpus {
        groups = groups.stream().map(List::copyOf).toList();
    }

    /** Groups the texts; see {@link NearDuplicates} for what counts as nearly the same. */
    public static Corpus of(List<LabelledText> texts) {
        return new Corpus(NearDuplicates.group(texts));
    }

    public List<LabelledText> texts() {
        return groups.stream().flatMap(List::stream).toList();
    }

    public int size() {
        return groups.stream().mapToInt(List::size).sum();
    }

    /** Every label there is, in ascending order. */
    public List<String> labels() {
        TreeSet<String> labels = new TreeSet<>();
        texts().forEach(text -> labels.add(text.label()));
        return List.copyOf(labels);
    }

    /** At most {@code wanted} texts, every label in its share of the whole. */
    public Corpus sample(int wanted, long seed) {
        return wanted >= size() ? this : split(wanted, seed).taken();
    }

    /**
     * Takes about {@code wanted} texts out, and never more, every label in its share of the whole.
     */
    public Split split(int wanted, long seed) {
        List<List<LabelledText>> taken = new ArrayList<>();
        List<List<LabelledText>> left = new ArrayList<>();
        double share = wanted / (double) size();
        for (List<List<LabelledText>> stratum : byLabel(seed).values()) {
            int sizeOfStratum = stratum.stream().mapToInt(List::size).sum();
            long open = (long) Math.floor(sizeOfStratum * share);
            for (List<LabelledText> group : stratum) {
                boolean fits = group.size() <= open;
                open -= fits ? group.size() : 0;
                (fits ? taken : left).add(group);
            }
        }
        return new Split(new Corpus(taken), new Corpus(left));
    }

    /**
     * @param taken what was cut out
     * @param left the rest
     */
    public record Split(Corpus taken, Corpus left) {}

    /** The groups by the label of most of their texts, each row shuffled by the seed. */
    Map<String, List<List<LabelledText>>> byLabel(long seed) {
        Map<String, List<List<LabelledText>>> byLabel = new TreeMap<>();
        for (List<LabelledText> group : groups) {
            byLabel.computeIfAbsent(mostOf(group), unseen -> new ArrayList<>()).add(group);
        }
        Random chance = new Random(seed);
        byLabel.values().forEach(row -> Collections.shuffle(row, chance));
        return new LinkedHashMap<>(byLabel);
    }

    private static String mostOf(List<LabelledText> group) {
        Map<String, Integer> counts = new HashMap<>();
        group.forEach(text -> counts.merge(text.label(), 1, Integer::sum));
        int most = Collections.max(counts.values());
        return new TreeMap<>(counts)
                .entrySet().stream()
                        .filter(entry -> entry.getValue() == most)
                        .findFirst()
                        .orElseThrow()
                        .getKey();
    }
}
