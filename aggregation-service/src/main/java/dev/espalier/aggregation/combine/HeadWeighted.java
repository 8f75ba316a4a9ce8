package dev.espalier.aggregation.combine;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.HeadAxis;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Each attention head by itself, over the clients that kept it (algorithms.md A.3 step 7, inferred;
 * A.8 #7 to #9).
 *
 * <pre>
 *   rows of h in B (q, k, v), columns of h in A (o):  omega_k[b,h] = n_k * conf_k[b,h]
 *   the factor that belongs to all heads, task head:  n_k
 * </pre>
 *
 * <p>Rows of key and value that several query heads share count with the mean confidence of those
 * of them that the client kept (ours). What nobody sent keeps its value.
 */
final class HeadWeighted implements AggregationRule {

    private final AggregationSpec.HeadWeighted.Weighting weighting;
    private final AdapterLayout layout;

    HeadWeighted(AggregationSpec.HeadWeighted specification, AdapterLayout layout) {
        this.weighting = specification.weighting();
        this.layout = layout;
    }

    @Override
    public Weight weight(AdapterTensor tensor, OpenUpdate client) {
        return layout.headAxis(tensor)
                .map(axis -> perHead(axis, client.brought()))
                .orElseGet(() -> Weight.of(client.examples()));
    }

    @Override
    public Fallback fallback(AdapterTensor tensor) {
        return Fallback.PREVIOUS;
    }

    private Weight perHead(HeadAxis axis, Brought client) {
        int size = axis.headSize();
        int runs = axis.parts() * axis.groups();
        double[] weights = new double[runs * size];
        for (int run = 0; run < runs; run++) {
            double weight = weight(axis.block(), axis.headsOf(run * size), client);
            Arrays.fill(weights, run * size, (run + 1) * size, weight);
        }
        return switch (axis.axis()) {
            case ROWS -> Weight.perRow(weights);
            case COLUMNS -> Weight.perColumn(weights);
        };
    }

    /**
     * What was not kept was not sent either, so its weight is never used; it is not 0, because the
     * mean looks at weights of 0 twice.
     */
    private double weight(String block, List<Integer> heads, Brought client) {
        KeptHeads kept = Objects.requireNonNull(client.heads(), "checked at intake");
        OptionalDouble confidence = kept.mean(block, heads);
        if (confidence.isEmpty()) {
            return 1;
        }
        double conf = confidence.getAsDouble();
        double n = (double) client.examples();
        return switch (weighting) {
            case N_TIMES_CONF -> n * conf;
            case CONF -> conf;
            case N -> n;
        };
    }
}
