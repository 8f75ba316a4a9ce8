package dev.espalier.lm.prune;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What became of the W of one linear layer.
 *
 * <p>Mask and values go by the row-major places of the tensor <em>as the weights file stores
 * it</em>: {@code o · in + i} for output o and input i of the usual [out, in]; {@code i · out + o}
 * where {@link LinearLayer#inputFirst()}, which is all of GPT-2. 1 = kept.
 *
 * @param tensor by its name in the weights file; {@link Encoding.MaskOnly} where kept weights stay
 *     as they are, {@link Encoding.Bitmap} with the new values of kept ones where they do not
 */
public record PrunedMatrix(LinearLayer linear, MaskedTensor tensor) {

    public PrunedMatrix {
        if (!tensor.shape().equals(linear.weightShape())) {
            throw new IllegalArgumentException(
                    "%s has shape %s, not %s"
                            .formatted(linear.weight(), linear.weightShape(), tensor.shape()));
        }
        maskOf(tensor);
    }

    /**
     * @param name of the tensor in the weights file
     * @param result in the matrix's order
     */
    static PrunedMatrix of(LinearLayer linear, String name, MatrixPruning.Result result) {
        ElementMask mask = mask(linear, result.dropped());
        Shape shape = linear.weightShape();
        WeightMatrix changed = result.changed();
        MaskedTensor tensor =
                changed == null
                        ? MaskedTensor.maskOnly(name, shape, mask)
                        : MaskedTensor.bitmap(
                                name, shape, mask, packed(mask, changed.stored(linear)));
        return new PrunedMatrix(linear, tensor);
    }

    private static ElementMask mask(LinearLayer linear, BitSet dropped) {
        int elements = Math.multiplyExact(linear.in(), linear.out());
        BitSet kept = new BitSet(elements);
        kept.set(0, elements);
        dropped.stream().forEach(i -> kept.clear(WeightMatrix.storedIndex(linear, i)));
        byte[] bytes =
                Arrays.copyOf(kept.toByteArray(), Math.toIntExact(ElementMask.byteSize(elements)));
        return ElementMask.of(MemorySegment.ofArray(bytes), elements);
    }

    private static float[] packed(ElementMask mask, float[] values) {
        float[] packed = new float[Math.toIntExact(mask.kept())];
        int next = 0;
        for (int i = 0; i < values.length; i++) {
            if (mask.keeps(i)) {
                packed[next++] = values[i];
            }
        }
        return packed;
    }

    /** Which weights are kept. */
    public ElementMask mask() {
        return maskOf(tensor);
    }

    private static ElementMask maskOf(MaskedTensor tensor) {
        return switch (tensor.encoding()) {
            case Encoding.MaskOnly(ElementMask mask) -> mask;
            case Encoding.Bitmap(ElementMask mask) -> mask;
            case Encoding.Dense _, Encoding.Rows _, Encoding.Columns _, Encoding.Cells _ ->
                    throw new IllegalArgumentException(tensor.name() + " has no mask of elements");
        };
    }

    /** How many weights are dropped. */
    public long dropped() {
        return mask().elements() - mask().kept();
    }

    /**
     * The weights after pruning.
     *
     * @param dense all weights as the file stores them; left alone
     * @return as many, zero where dropped
     */
    public float[] appliedTo(float[] dense) {
        float[] sparse = new float[dense.length];
        ElementMask mask = mask();
        boolean changed = tensor.encoding() instanceof Encoding.Bitmap;
        float[] values = changed ? values() : dense;
        int next = 0;
        for (int i = 0; i < sparse.length; i++) {
            if (mask.keeps(i)) {
                sparse[i] = values[changed ? next++ : i];
            }
        }
        return sparse;
    }

    /** New values of kept weights, in their order. */
    private float[] values() {
        float[] values = new float[Math.toIntExact(tensor.valueCount())];
        tensor.readValues(0, values, 0, values.length);
        return values;
    }
}
