package dev.espalier.benchmarks.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What one contender spent, block after block. */
final class Series {

    private final List<Spent> blocks = new ArrayList<>();

    void add(Spent block) {
        blocks.add(block);
    }

    int size() {
        return blocks.size();
    }

    /** The median of an even number is the upper one of the middle. */
    double median(ToDoubleFunction<Spent> what) {
        return sorted(what)[blocks.size() / 2];
    }

    double least(ToDoubleFunction<Spent> what) {
        return sorted(what)[0];
    }

    /** Loss at the end of the first block. */
    double firstLoss() {
        return blocks.getFirst().loss();
    }

    private double[] sorted(ToDoubleFunction<Spent> what) {
        double[] values = blocks.stream().mapToDouble(what).toArray();
        Arrays.sort(values);
        return values;
    }
}
