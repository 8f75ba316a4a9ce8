package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A number for each head that its output is multiplied with before the block's output layer: 1
 * leaves the head as it is, 0 is the same as removing it (Michel et al. 2019). That is what
 * multiplying its attentions comes to, at less cost.
 *
 * <p>The numbers are arrays of the engine, so that a backward pass tells what the loss makes of
 * each. They live as long as their manager.
 */
public final class HeadGates {

    private final SortedMap<Integer, NDArray> byBlock = new TreeMap<>();
    private final Map<String, NDArray> byOutput = new HashMap<>();

    private final HeadMask mask;

    private HeadGates(HeadMask mask) {
        this.mask = mask;
    }

    /**
     * 1 for every head that is kept, 0 for the others.
     *
     * @throws IllegalArgumentException if the mask is of another model
     */
    public static HeadGates of(
            ModelStructure model, HeadMask mask, NDManager manager, Precision precision) {
        mask.requireFits(model);
        HeadGates gates = new HeadGates(mask);
        for (int b = 0; b < mask.blocks(); b++) {
            if (mask.heads(b) == 0) {
                continue; // a block that lost all
            }
            float[] values = new float[mask.heads(b)];
            for (int head : mask.keptHeads(b)) {
                values[head] = 1;
            }
            var shape = new ai.djl.ndarray.types.Shape(values.length, 1);
            NDArray gate = NativeValues.create(manager, shape, precision, values);
            gate.setRequiresGradient(true);
            gates.byBlock.put(b, gate);
            gates.byOutput.put(model.attention().get(b).output(), gate);
        }
        return gates;
    }

    /** The same layers behind the gates. */
    public Linears before(Linears linears) {
        return (module, x) -> {
            NDArray gate = byOutput.get(module);
            return linears.apply(module, gate == null ? x : gated(x, gate));
        };
    }

    /**
     * @param x [batch, time, heads · d]
     * @param gate [heads, 1]
     */
    private static NDArray gated(NDArray x, NDArray gate) {
        var shape = x.getShape();
        long heads = gate.getShape().get(0);
        return x.reshape(shape.get(0), shape.get(1), heads, -1).mul(gate).reshape(shape);
    }

    /** The gradients [block][head] of the last backward passes; sets them back to zero. */
    public float[][] takeGradients() {
        float[][] taken = new float[mask.blocks()][];
        for (int b = 0; b < taken.length; b++) {
            taken[b] = new float[mask.heads(b)];
        }
        byBlock.forEach((block, gate) -> Gradients.take(gate, taken[block]));
        return taken;
    }
}
