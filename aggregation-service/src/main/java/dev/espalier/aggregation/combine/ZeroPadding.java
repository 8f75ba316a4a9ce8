package dev.espalier.aggregation.combine;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.util.Optional;

/**
 * Every client counts in full for what it did not send: with zeros, which shrink components, or
 * with the parent's values, which damp steps (algorithms.md B.4, a baseline; its weights: read
 * (3rd)).
 *
 * <pre>
 *   PARAMETER  new = sum w_k v_k / sum w_k               v_k = 0 where k sent nothing
 *   DELTA      new = old + sum w_k (v_k - old) / sum w_k      v_k = old where k sent nothing
 * </pre>
 *
 * <p>That goes for pruned heads as for components that were not trained, and for a module of which
 * a client sent nothing at all: it too is padding (D.3). The task head is sent by all, and counts
 * by n_k (B.8 #12).
 */
final class ZeroPadding implements AggregationRule {

    private final AggregationSpec.ZeroPadding specification;
    private final AdapterLayout layout;

    ZeroPadding(AggregationSpec.ZeroPadding specification, AdapterLayout layout) {
        this.specification = specification;
        this.layout = layout;
    }

    @Override
    public Weight weight(AdapterTensor tensor, OpenUpdate client) throws IOException {
        if (tensor.kind().isTaskHead()) {
            return Weight.of(client.examples());
        }
        return switch (specification.weighting()) {
            case N -> Weight.of(client.examples());
            case UNIFORM -> Weight.of(1);
            case NORM -> Weight.of(client.productNorm(tensor.module(), layout));
        };
    }

    @Override
    public Optional<MaskedTensor> contributed(
            AdapterTensor tensor, OpenUpdate client, FloatReader previous) throws IOException {
        Optional<MaskedTensor> sent = client.sent(tensor);
        if (tensor.kind().isTaskHead()) {
            return sent;
        }
        FloatReader rest =
                switch (specification.space()) {
                    case PARAMETER -> FloatReader.zeros();
                    case DELTA -> previous;
                };
        return Optional.of(
                sent.map(part -> part.padded(rest)).orElseGet(() -> padding(tensor, rest)));
    }

    /** Never asked: everybody who responded contributes everything. */
    @Override
    public Fallback fallback(AdapterTensor tensor) {
        return Fallback.PREVIOUS;
    }

    private static MaskedTensor padding(AdapterTensor tensor, FloatReader rest) {
        return MaskedTensor.of(tensor.name(), Shapes.of(tensor), new Encoding.Dense(), rest);
    }
}
