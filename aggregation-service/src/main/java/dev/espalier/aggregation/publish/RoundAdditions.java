package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.ClientProducts;
import dev.espalier.aggregation.combine.StackedFactors;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.util.Collections;
import java.util.SortedSet;

/** The stacked products of a round's clients. The task head is no part of a base. */
final class RoundAdditions implements Additions {

    private final ClientProducts products;

    RoundAdditions(ClientProducts products) {
        this.products = products;
    }

    @Override
    public SortedSet<String> modules() {
        return products.modules();
    }

    @Override
    public Shape shape(String module) {
        return products.shape(module);
    }

    @Override
    public StackedFactors product(String module) throws IOException {
        return products.mean(module);
    }

    @Override
    public SortedSet<String> whole() {
        return Collections.emptySortedSet();
    }

    @Override
    public void addWhole(SafetensorsWriter writer) {}
}
