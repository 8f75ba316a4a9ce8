package dev.espalier.aggregation.combine;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.util.Optional;

/**
 * What a rule says of one tensor; the masked weighted mean does the rest (algorithms.md D.1).
 *
 * <p>A pure function: it sees one client at a time and keeps nothing, so neither the order of
 * arrival nor the number of threads can matter. A new rule is one class and one line in {@link
 * #of}.
 */
public interface AggregationRule {

    /** How much a client counts for this tensor. */
    Weight weight(AdapterTensor tensor, OpenUpdate client) throws IOException;

    /**
     * The elements for which a client counts, with its values; empty where it counts for none. By
     * default what it sent.
     *
     * @param previous all elements of the parent's tensor
     */
    default Optional<MaskedTensor> contributed(
            AdapterTensor tensor, OpenUpdate client, FloatReader previous) throws IOException {
        return client.sent(tensor);
    }

    /** What becomes of elements that nobody contributed. */
    Fallback fallback(AdapterTensor tensor);

    /**
     * @param layout of the adapter that is combined
     * @throws IllegalArgumentException for a rule that is no masked mean
     */
    static AggregationRule of(AggregationSpec specification, AdapterLayout layout) {
        return switch (specification) {
            case AggregationSpec.FedAvg _ -> new FedAvg();
            case AggregationSpec.HeadWeighted headWeighted ->
                    new HeadWeighted(headWeighted, layout);
            case AggregationSpec.RankAdaptive rankAdaptive -> new RankAdaptive(rankAdaptive);
            case AggregationSpec.ZeroPadding padding -> new ZeroPadding(padding, layout);
            case AggregationSpec.Stacking _, AggregationSpec.RankOptimal _ ->
                    throw new IllegalArgumentException(specification + " is no masked mean");
        };
    }
}
