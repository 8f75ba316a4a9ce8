package dev.espalier.agent.work;

import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The sizes of the batches that rows are cut into, padding included, to count operations by. */
final class BatchShapes {

    private BatchShapes() {}

    static List<BatchShape> ofTexts(List<TokenSequence> texts, int batch) {
        return cut(texts, batch, slice -> new BatchShape(slice.size(), longest(slice)));
    }

    static List<BatchShape> ofPairs(List<TextToTextExample> pairs, int batch) {
        return cut(
                pairs,
                batch,
                slice ->
                        new BatchShape(
                                slice.size(),
                                longest(slice.stream().map(TextToTextExample::source).toList()),
                                slice.stream()
                                        .mapToInt(TextToTextExample::targetLength)
                                        .max()
                                        .orElseThrow()));
    }

    private static int longest(List<TokenSequence> texts) {
        return texts.stream().mapToInt(TokenSequence::length).max().orElseThrow();
    }

    private static <T> List<BatchShape> cut(
            List<T> rows, int batch, Function<List<T>, BatchShape> shape) {
        return IntStream.iterate(0, from -> from < rows.size(), from -> from + batch)
                .mapToObj(from -> rows.subList(from, Math.min(from + batch, rows.size())))
                .map(shape)
                .toList();
    }
}
