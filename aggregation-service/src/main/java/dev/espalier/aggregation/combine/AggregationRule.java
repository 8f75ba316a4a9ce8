package dev.espalier.aggregation.combine;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;
import dev.espalier.tensors.masked.MaskedTensor;

/**
 * What a rule says of one tensor; the masked weighted mean does the rest (algorithms.md D.1).
 *
 * <p>A pure function: it sees one client at a time and keeps nothing, so neither the order of
 * arrival nor the number of threads can matter. A new rule is one class and one line in {@link
 * #of}.
 */
public interface AggregationRule {

    /** How much a client counts for this tensor. */
    Weight weight(AdapterTensor tensor, Brought client);

    /** The elements that the client contributes. By default those that its update holds. */
    default MaskedTensor contributed(AdapterTensor tensor, MaskedTensor sent) {
        return sent;
    }

    /** What becomes of elements that nobody contributed. */
    Fallback fallback(AdapterTensor tensor);

    /**
     * @param layout of the adapter that is combined
     */
    static AggregationRule of(AggregationSpec specification, AdapterLayout layout) {
        return switch (specification) {
            case AggregationSpec.FedAvg _ -> new FedAvg();
            case AggregationSpec.HeadWeighted headWeighted ->
                    new HeadWeighted(headWeighted, layout);
            case AggregationSpec.RankAdaptive _,
                    AggregationSpec.ZeroPadding _,
                    AggregationSpec.Stacking _,
                    AggregationSpec.RankOptimal _ ->
                    throw new IllegalArgumentException(
                            specification + " is not built in this release");
        };
    }
}
