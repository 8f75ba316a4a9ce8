package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;

/** The shapes of the protocol as those of the tensors. */
public final class Shapes {

    private Shapes() {}

    public static Shape of(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }
}
