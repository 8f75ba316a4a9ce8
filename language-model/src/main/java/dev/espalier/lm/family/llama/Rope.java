package dev.espalier.lm.family.llama;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.TokenBatch;

/**
 * Rotary positions (Su et al. 2021), in the order of transformers: value i of the first half of a
 * head is turned together with value i of the second half.
 *
 * <pre>
 *   angle(p, i) = p / theta^(2 i / d)                          i in [0, d / 2)
 *   (x1, x2) → (x1 cos - x2 sin, x2 cos + x1 sin)              x1, x2: halves of a head
 * </pre>
 *
 * @param cos [B, 1, T, d], both halves alike
 * @param sin as cos
 */
record Rope(NDArray cos, NDArray sin) {

    static Rope of(Forward pass, TokenBatch batch, int headSize, double theta) {
        int time = pass.past() + batch.length();
        float[] angles = angles(time, headSize, theta);
        float[] cos = new float[angles.length];
        float[] sin = new float[angles.length];
        for (int i = 0; i < angles.length; i++) {
            cos[i] = (float) Math.cos(angles[i]);
            sin[i] = (float) Math.sin(angles[i]);
        }
        return new Rope(
                rows(batch, pass.array(cos, time, headSize)),
                rows(batch, pass.array(sin, time, headSize)));
    }

    /** [time, headSize] in row order, rounded where transformers rounds. */
    static float[] angles(int time, int headSize, double theta) {
        float[] angles = new float[time * headSize];
        for (int p = 0; p < time; p++) {
            for (int i = 0; i < headSize / 2; i++) {
                float frequency = (float) (1 / Math.pow(theta, 2.0 * i / headSize));
                angles[p * headSize + i] = p * frequency;
                angles[p * headSize + headSize / 2 + i] = p * frequency;
            }
        }
        return angles;
    }

    private static NDArray rows(TokenBatch batch, NDArray table) {
        NDList rows = Embedding.embedding(batch.positions(), table, SparseFormat.DENSE);
        return rows.singletonOrThrow().expandDims(1);
    }

    /**
     * @param x [B, heads, T, d]
     */
    NDArray turned(NDArray x) {
        NDList halves = x.split(2, 3);
        NDArray crossed = halves.get(1).neg().concat(halves.get(0), 3);
        return x.mul(cos).add(crossed.mul(sin));
    }
}
