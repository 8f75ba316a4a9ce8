package dev.espalier.aggregation.combine;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;

/**
 * Every rank-1 component by itself, over the clients that trained it (algorithms.md B.4 step 6,
 * read; its weights B.8 #6, ours).
 *
 * <pre>
 *   A[i,:] = sum n_k A_k[i,:] / sum n_k   over the k that trained i      B[:,i] likewise
 *   nobody trained i: the previous value      task head: n_k always (B.8 #12)
 * </pre>
 */
final class RankAdaptive implements AggregationRule {

    private final AggregationSpec.RankAdaptive.Weighting weighting;

    RankAdaptive(AggregationSpec.RankAdaptive specification) {
        this.weighting = specification.weighting();
    }

    @Override
    public Weight weight(AdapterTensor tensor, OpenUpdate client) {
        if (tensor.kind().isTaskHead()) {
            return Weight.of(client.examples());
        }
        return switch (weighting) {
            case N -> Weight.of(client.examples());
            case UNIFORM -> Weight.of(1);
        };
    }

    @Override
    public Fallback fallback(AdapterTensor tensor) {
        return Fallback.PREVIOUS;
    }
}
