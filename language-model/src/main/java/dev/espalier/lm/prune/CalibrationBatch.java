package dev.espalier.lm.prune;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.TextCheck;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Texts of one length that are read together. Nothing is padded, so that every token counts, and
 * none that nobody wrote.
 *
 * @param texts that the first stack reads
 * @param targets that the decoder reads where there is an encoder too; else empty
 */
record CalibrationBatch(List<TokenSequence> texts, List<TokenSequence> targets) {

    /** Lengths of a text and of its target, 0 where there is none. */
    private record Lengths(int text, int target) implements Comparable<Lengths> {

        @Override
        public int compareTo(Lengths other) {
            int texts = Integer.compare(text, other.text);
            return texts != 0 ? texts : Integer.compare(target, other.target);
        }
    }

    /** A text with its target, if the model has a decoder for it. */
    private record Pair(TokenSequence text, @Nullable TokenSequence target) {

        Lengths lengths() {
            return new Lengths(text.length(), target == null ? 0 : target.length());
        }
    }

    /**
     * Cuts calibration into batches, shorter texts first.
     *
     * @param size texts of a batch at most
     * @throws IllegalArgumentException if there are no texts, or one does not fit the model
     */
    static List<CalibrationBatch> of(BaseModel base, Calibration calibration, int size) {
        SortedMap<Lengths, List<Pair>> alike = new TreeMap<>();
        for (Pair pair : pairs(base, calibration)) {
            alike.computeIfAbsent(pair.lengths(), _ -> new ArrayList<>()).add(pair);
        }
        List<CalibrationBatch> batches = new ArrayList<>();
        for (List<Pair> pairs : alike.values()) {
            for (int from = 0; from < pairs.size(); from += size) {
                batches.add(of(pairs.subList(from, Math.min(from + size, pairs.size()))));
            }
        }
        return batches;
    }

    private static List<Pair> pairs(BaseModel base, Calibration calibration) {
        return switch (calibration) {
            case Calibration.Texts(List<TokenSequence> texts) -> {
                if (base.family() instanceof TextToTextModel) {
                    throw new IllegalArgumentException("the model reads pairs of texts");
                }
                TextCheck.requireFit(base.structure(), texts);
                yield texts.stream().map(text -> new Pair(text, null)).toList();
            }
            case Calibration.Pairs(List<TextToTextExample> pairs) -> {
                TextToTextModel model = base.textToTextModel();
                TextCheck.requirePairsFit(base.structure(), pairs);
                yield pairs.stream()
                        .map(pair ->
                                new Pair(
                                        pair.source(),
                                        pair.shifted(model.startToken(), model.paddingToken())))
                        .toList();
            }
        };
    }

    private static CalibrationBatch of(List<Pair> pairs) {
        return new CalibrationBatch(
                pairs.stream().map(Pair::text).toList(),
                pairs.stream().map(Pair::target).filter(Objects::nonNull).toList());
    }

    BatchShape shape() {
        int target = targets.isEmpty() ? 0 : targets.getFirst().length();
        return new BatchShape(texts.size(), texts.getFirst().length(), target);
    }

    TokenBatch text(Workspace workspace, Precision precision) {
        return TokenBatch.of(texts, workspace, precision);
    }

    TokenBatch target(Workspace workspace, Precision precision) {
        return TokenBatch.of(targets, workspace, precision);
    }
}
