package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Combines a round into the adapter nearest to the weighted mean of the clients' products (rule
 * RANK_OPTIMAL, ours); the task head is the mean by examples.
 *
 * <p>Where the mean needs fewer components than the adapter has, the others begin afresh: a drawn
 * row of A and a zero column of B, which change nothing yet. With both zero no gradient would ever
 * reach them again.
 */
public final class RankOptimalCombiner {

    private final RoundCombiner means;

    public RankOptimalCombiner(RoundCombiner means) {
        this.means = means;
    }

    /**
     * Writes the adapter that follows, and tells what became of its components.
     *
     * @param scale alpha / rank, in which importance is told: that of what is added to the base
     * @param fresh values of a tensor of which some rows begin afresh
     * @param result written whole or not at all
     * @return in ascending order of module
     * @throws ArithmeticException if the singular values of a module cannot be found
     */
    public List<ModuleComponents> combine(
            ClientProducts products,
            double scale,
            Function<AdapterTensor, float[]> fresh,
            Path result)
            throws IOException {
        Modules modules = new Modules(products, scale, fresh);
        means.combine(
                products,
                tensor ->
                        sink -> {
                            float[] values = modules.values(tensor);
                            sink.floats(0, values, 0, values.length);
                        },
                result);
        return List.copyOf(modules.told.values());
    }

    /** One module after the other; both its factors are wanted before the next. */
    private static final class Modules {

        private final ClientProducts products;
        private final double scale;
        private final Function<AdapterTensor, float[]> fresh;
        private final TreeMap<String, ModuleComponents> told = new TreeMap<>();
        private @Nullable NearestProduct nearest;
        private @Nullable String module;

        Modules(ClientProducts products, double scale, Function<AdapterTensor, float[]> fresh) {
            this.products = products;
            this.scale = scale;
            this.fresh = fresh;
        }

        float[] values(AdapterTensor tensor) throws IOException {
            boolean isA = tensor.kind() == AdapterTensor.Kind.LORA_A;
            int rank = isA ? tensor.shape().getFirst() : tensor.shape().getLast();
            NearestProduct product = nearest(tensor.module(), rank);
            if (!isA) {
                return product.b();
            }
            float[] a = product.a();
            int used = product.found() * tensor.shape().getLast();
            if (used < a.length) {
                System.arraycopy(fresh.apply(tensor), used, a, used, a.length - used);
            }
            return a;
        }

        private NearestProduct nearest(String wanted, int rank) throws IOException {
            NearestProduct held = nearest;
            if (held != null && wanted.equals(module)) {
                return held;
            }
            nearest = null; // its memory is needed for the next
            NearestProduct found = found(wanted, rank);
            nearest = found;
            module = wanted;
            told.put(wanted, told(wanted, found));
            return found;
        }

        private NearestProduct found(String wanted, int rank) throws IOException {
            try {
                return new NearestProduct(products.mean(wanted), rank);
            } catch (ArithmeticException e) {
                throw new ArithmeticException(wanted + ": " + e.getMessage());
            }
        }

        private ModuleComponents told(String name, NearestProduct found) throws IOException {
            double[] values = found.singularValues();
            return new ModuleComponents(
                    name,
                    Collections.nCopies(values.length, products.senders(name)),
                    Arrays.stream(values).map(value -> scale * value).boxed().toList(),
                    Collections.nCopies(values.length, 0),
                    found.truncationError());
        }
    }
}
