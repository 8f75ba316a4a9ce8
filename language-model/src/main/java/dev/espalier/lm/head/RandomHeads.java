package dev.espalier.lm.head;

import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.family.ModelStructure;
import java.util.stream.Stream;

/** Heads in an order that chance gave: the baseline that every ranking has to beat. */
public final class RandomHeads {

    private RandomHeads() {}

    /** Uniform in [0, 1), the same for the same seed. */
    public static HeadScores of(ModelStructure model, long seed) {
        RandomStream stream = RandomStream.of(seed, "heads");
        return HeadScores.of(
                model.attention().stream()
                        .map(block ->
                                Stream.generate(stream::nextUnit)
                                        .limit(block.heads())
                                        .mapToDouble(Double::doubleValue)
                                        .toArray())
                        .toArray(double[][]::new));
    }
}
