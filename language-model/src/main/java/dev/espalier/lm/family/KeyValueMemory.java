package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Keys and values of tokens that were read in earlier passes, block by block, so that a token that
 * follows them costs a pass over itself alone. Holds no gradients: only for those who ask. Belongs
 * to one thread.
 *
 * <p>All texts are of one length and have no padding.
 */
public final class KeyValueMemory implements AutoCloseable {

    private final NDManager manager;
    private final Map<Integer, KeysAndValues> own = new HashMap<>();
    private final Map<Integer, KeysAndValues> ofSource = new HashMap<>();
    private int length;

    /**
     * What the queries of an attention block meet.
     *
     * @param keys [B, keyValueHeads, T, d]
     * @param values as keys
     */
    public record KeysAndValues(NDArray keys, NDArray values) {

        void close() {
            keys.close();
            values.close();
        }
    }

    /** Nothing is remembered yet. */
    public KeyValueMemory(NDManager parent) {
        manager = parent.newSubManager();
    }

    /** How many tokens of each text are remembered. */
    public int length() {
        return length;
    }

    /** To be told after each pass how many tokens of each text it has read. */
    public void advance(int tokens) {
        length += tokens;
    }

    /**
     * Goes on with other texts, each of which begins as one of those that are remembered.
     *
     * @param rows for each text to come the number of that one; any order, repeated as wanted
     */
    public void select(int[] rows) {
        long[] wanted = IntStream.of(rows).asLongStream().toArray();
        try (NDArray index = manager.create(wanted)) {
            NDIndex chosen = new NDIndex("{}", index);
            own.replaceAll((_, old) -> {
                KeysAndValues next =
                        kept(new KeysAndValues(old.keys().get(chosen), old.values().get(chosen)));
                old.close();
                return next;
            });
        }
    }

    /** Those of tokens that were read before, then these. */
    KeysAndValues extended(int block, KeysAndValues latest) {
        KeysAndValues before = own.get(block);
        KeysAndValues all = kept(before == null ? latest : joined(before, latest));
        own.put(block, all);
        if (before != null) {
            before.close();
        }
        return all;
    }

    private static KeysAndValues joined(KeysAndValues before, KeysAndValues latest) {
        return new KeysAndValues(
                before.keys().concat(latest.keys(), 2), before.values().concat(latest.values(), 2));
    }

    /** Those of the text that is written about, which stay what they are. */
    KeysAndValues ofSource(int block, Supplier<KeysAndValues> formula) {
        return ofSource.computeIfAbsent(block, _ -> kept(formula.get()));
    }

    /** Takes arrays out of the pass that made them. */
    private KeysAndValues kept(KeysAndValues made) {
        NDScope.unregister(made.keys(), made.values());
        made.keys().attach(manager);
        made.values().attach(manager);
        return made;
    }

    @Override
    public void close() {
        manager.close();
    }
}
