package dev.espalier.local.corpus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Puts texts that are nearly the same into one group, so that a campaign sent a hundred times
 * cannot lie on both sides of a split.
 *
 * <p>Two texts are near-duplicates when the Jaccard similarity of their three-word shingles, digits
 * read as zeros, is estimated at {@value #THRESHOLD} or more by MinHash (Broder 1997) with {@value
 * #HASHES} hashes; candidates come from {@value #BANDS} bands. Groups are the connected components.
 * No chance is involved: the same texts in the same order give the same groups.
 */
final class NearDuplicates {

    static final int HASHES = 64;
    static final int BANDS = 16;
    static final double THRESHOLD = 0.6;

    private static final int ROWS = HASHES / BANDS;
    private static final int SHINGLE_WORDS = 3;
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}0]+");

    private final List<LabelledText> texts;
    private final long[][] signatures;
    private final int[] parent;

    private NearDuplicates(List<LabelledText> texts) {
        this.texts = texts;
        this.signatures = texts.stream().map(text -> signature(text.text())).toArray(long[][]::new);
        this.parent = new int[texts.size()];
        Arrays.setAll(parent, i -> i);
    }

    /** Every text in exactly one group; groups in the order of their first text. */
    static List<List<LabelledText>> group(List<LabelledText> texts) {
        NearDuplicates search = new NearDuplicates(texts);
        for (int band = 0; band < BANDS; band++) {
            search.joinWithin(band);
        }
        return search.groups();
    }

    private void joinWithin(int band) {
        Map<Long, List<Integer>> buckets = new HashMap<>();
        for (int i = 0; i < signatures.length; i++) {
            long key =
                    Arrays.hashCode(
                            Arrays.copyOfRange(signatures[i], band * ROWS, (band + 1) * ROWS));
            joinOrRepresent(i, buckets.computeIfAbsent(key, unseen -> new ArrayList<>()));
        }
    }

    /** Compared with one text of each kind in the bucket only: big campaigns stay linear. */
    private void joinOrRepresent(int i, List<Integer> representatives) {
        for (int other : representatives) {
            if (root(i) == root(other) || similarity(i, other) >= THRESHOLD) {
                parent[Math.max(root(i), root(other))] = Math.min(root(i), root(other));
                return;
            }
        }
        representatives.add(i);
    }

    private int root(int i) {
        int at = i;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    private double similarity(int i, int j) {
        int equal = 0;
        for (int h = 0; h < HASHES; h++) {
            equal += signatures[i][h] == signatures[j][h] ? 1 : 0;
        }
        return equal / (double) HASHES;
    }

    private List<List<LabelledText>> groups() {
        Map<Integer, List<LabelledText>> byRoot = new TreeMap<>();
        for (int i = 0; i < parent.length; i++) {
            byRoot.computeIfAbsent(root(i), unseen -> new ArrayList<>()).add(texts.get(i));
        }
        return List.copyOf(byRoot.values());
    }

    private static long[] signature(String text) {
        long[] smallest = new long[HASHES];
        Arrays.fill(smallest, Long.MAX_VALUE);
        for (long shingle : shingles(text)) {
            for (int h = 0; h < HASHES; h++) {
                smallest[h] = Math.min(smallest[h], mix(shingle + h * 0x9E3779B97F4A7C15L));
            }
        }
        return smallest;
    }

    private static Collection<Long> shingles(String text) {
        String[] words = NO_WORD.split(text.toLowerCase(Locale.ROOT).replaceAll("\\p{Nd}", "0"));
        List<Long> shingles = new ArrayList<>();
        for (int end = SHINGLE_WORDS; end <= words.length; end++) {
            shingles.add(hash(words, end - SHINGLE_WORDS, end));
        }
        // a text of fewer words is one shingle, so that it equals only itself
        return shingles.isEmpty() ? List.of(hash(words, 0, words.length)) : shingles;
    }

    private static long hash(String[] words, int from, int to) {
        long hash = 0;
        for (int w = from; w < to; w++) {
            hash = mix(hash * 31 + words[w].hashCode());
        }
        return hash;
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
