package dev.espalier.benchmarks;

import dev.espalier.benchmarks.CombineBenchmark.Sent;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.FloatSink;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.Contribution;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.combine.ReferenceMaskedMean;
import dev.espalier.tensors.combine.ReferenceMaskedMean.Responder;
import dev.espalier.tensors.combine.Weight;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * One tensor of one round: what clients sent, packed for the kernel and spread out for the plain
 * loop, the same values in both. Seeded.
 */
final class MadeUpRound {

    private final Shape shape;
    private final List<Contribution> packed = new ArrayList<>();

    /** [clients][elements] */
    private final List<float[]> values = new ArrayList<>();

    private final List<boolean[]> masks = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();
    private final float[] previous;
    private final float[] result;

    MadeUpRound(Sent sent, int clients, int rows, int columns) {
        this.shape = Shape.of(rows, columns);
        this.previous = new float[rows * columns];
        this.result = new float[rows * columns];
        Random any = new Random(42);
        for (int client = 0; client < clients; client++) {
            add(any, sent, "client-%03d".formatted(client));
        }
    }

    float[] byKernel(MaskedMean kernel) throws IOException {
        kernel.combine(
                shape, FloatReader.of(previous), packed, Fallback.PREVIOUS, FloatSink.into(result));
        return result;
    }

    /** What anybody would write first: element by element, client by client, in one thread. */
    float[] byPlainLoop() {
        for (int j = 0; j < result.length; j++) {
            double sum = 0;
            double weight = 0;
            for (int k = 0; k < values.size(); k++) {
                if (masks.get(k)[j]) {
                    sum += weights.get(k) * values.get(k)[j];
                    weight += weights.get(k);
                }
            }
            result[j] = weight > 0 ? (float) (sum / weight) : previous[j];
        }
        return result;
    }

    List<Responder> responders() {
        List<Responder> responders = new ArrayList<>();
        for (int k = 0; k < values.size(); k++) {
            double[] spread = new double[result.length];
            Arrays.fill(spread, weights.get(k));
            responders.add(
                    new Responder(
                            packed.get(k).agent(), widened(values.get(k)), masks.get(k), spread));
        }
        return responders;
    }

    double[] byReference(List<Responder> responders) {
        return ReferenceMaskedMean.combine(widened(previous), responders, Fallback.PREVIOUS);
    }

    private void add(Random any, Sent sent, String client) {
        float[] full = new float[result.length];
        boolean[] mask = new boolean[full.length];
        int columns = (int) shape.dimension(1);
        for (int j = 0; j < full.length; j++) {
            full[j] = any.nextFloat() - 0.5f;
            mask[j] =
                    switch (sent) {
                        case DENSE -> true;
                        case ROWS -> j / columns % 2 == 0;
                        case COLUMNS -> j % columns % 2 == 0;
                        case BITMAP -> any.nextBoolean();
                    };
        }
        double weight = 1 + any.nextInt(500);
        values.add(full);
        masks.add(mask);
        weights.add(weight);
        packed.add(new Contribution(client, tensor(sent, full, mask), Weight.of(weight)));
    }

    private MaskedTensor tensor(Sent sent, float[] full, boolean[] mask) {
        float[] kept = kept(full, mask);
        return switch (sent) {
            case DENSE -> MaskedTensor.dense("w", shape, full);
            case ROWS -> MaskedTensor.rows("w", shape, everyOther(shape.dimension(0)), kept);
            case COLUMNS -> MaskedTensor.columns("w", shape, everyOther(shape.dimension(1)), kept);
            case BITMAP -> MaskedTensor.bitmap("w", shape, ElementMask.of(mask), kept);
        };
    }

    private static int[] everyOther(long n) {
        return IntStream.range(0, (int) n).filter(i -> i % 2 == 0).toArray();
    }

    private static float[] kept(float[] full, boolean[] mask) {
        float[] kept = new float[full.length];
        int n = 0;
        for (int j = 0; j < full.length; j++) {
            if (mask[j]) {
                kept[n++] = full[j];
            }
        }
        return Arrays.copyOf(kept, n);
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int j = 0; j < wide.length; j++) {
            wide[j] = values[j];
        }
        return wide;
    }
}
