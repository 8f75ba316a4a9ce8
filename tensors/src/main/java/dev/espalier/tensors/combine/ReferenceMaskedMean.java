package dev.espalier.tensors.combine;

import java.util.Comparator;
import java.util.List;

/**
 * The slow masked mean, kept as the specification of {@link MaskedMean}: one element at a time,
 * plain arrays, doubles, no cleverness.
 */
public final class ReferenceMaskedMean {

    /** One agent's side of the law, each array [elements]. */
    public static final class Responder {

        private final String agent;
        private final double[] values;
        private final boolean[] mask;
        private final double[] weights;

        /** Arrays are not copied. */
        public Responder(String agent, double[] values, boolean[] mask, double[] weights) {
            this.agent = agent;
            this.values = values;
            this.mask = mask;
            this.weights = weights;
        }
    }

    private ReferenceMaskedMean() {}

    /**
     * The law, element by element.
     *
     * @param previous [elements]
     * @param responders in any order; none at all keeps every previous value
     * @return [elements]
     */
    public static double[] combine(
            double[] previous, List<Responder> responders, Fallback fallback) {
        List<Responder> ordered =
                responders.stream()
                        .sorted(Comparator.comparing(responder -> responder.agent))
                        .toList();
        double[] result = new double[previous.length];
        for (int j = 0; j < result.length; j++) {
            result[j] =
                    ordered.isEmpty() ? previous[j] : element(j, previous[j], ordered, fallback);
        }
        return result;
    }

    private static double element(
            int j, double previous, List<Responder> responders, Fallback fallback) {
        List<Responder> contributors =
                responders.stream().filter(responder -> responder.mask[j]).toList();
        if (contributors.isEmpty()) {
            return switch (fallback) {
                case PREVIOUS -> previous;
                case ZERO -> 0;
            };
        }
        double total = 0;
        for (Responder one : contributors) {
            total += one.weights[j];
        }
        boolean uniform = !(total > 0);
        double sum =
                -0.0; // the neutral element of addition: 0.0 would lose the sign of a sum of -0.0
        for (Responder one : contributors) {
            sum += (uniform ? 1 : one.weights[j]) * one.values[j];
        }
        return sum / (uniform ? contributors.size() : total);
    }
}
