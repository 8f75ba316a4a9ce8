package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.Linears;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What enters the linear layers of one layer of a model. Those that read the very same inputs, as
 * query, key and value do, share one statistic. Belongs to one thread.
 */
final class LayerStatistics implements AutoCloseable {

    private final Map<String, LinearLayer> wanted = new HashMap<>();
    private final Function<LinearLayer, InputStatistics> source;
    private final Map<String, Shared> byModule = new HashMap<>();
    private final List<Shared> all = new ArrayList<>();

    /** A statistic and the layers that read these inputs, the first of them first. */
    record Shared(InputStatistics statistics, List<LinearLayer> linears) {

        /** What prunes all of them; the statistic is gone then. */
        MatrixPruning pruning() {
            try (statistics) {
                return statistics.pruning();
            } catch (ArithmeticException e) {
                throw new ArithmeticException(
                        "what enters %s cannot be used: %s"
                                .formatted(linears.getFirst().module(), e.getMessage()));
            }
        }
    }

    /**
     * @param source a new statistic for what enters a layer
     */
    LayerStatistics(List<LinearLayer> linears, Function<LinearLayer, InputStatistics> source) {
        linears.forEach(linear -> wanted.put(linear.module(), linear));
        this.source = source;
    }

    /** The same layers, looked at in one pass of one batch. */
    Linears watched(Linears linears) {
        IdentityHashMap<NDArray, Shared> seen = new IdentityHashMap<>();
        return (module, x) -> {
            LinearLayer linear = wanted.get(module);
            if (linear != null) {
                see(linear, x, seen);
            }
            return linears.apply(module, x);
        };
    }

    private void see(LinearLayer linear, NDArray x, IdentityHashMap<NDArray, Shared> seen) {
        Shared same = seen.get(x);
        if (same != null) {
            join(linear, same);
            return;
        }
        Shared shared = byModule.get(linear.module());
        if (shared == null) {
            shared = new Shared(source.apply(linear), new ArrayList<>());
            all.add(shared);
            join(linear, shared);
        }
        shared.statistics.add(x);
        seen.put(x, shared);
    }

    private void join(LinearLayer linear, Shared shared) {
        if (byModule.putIfAbsent(linear.module(), shared) == null) {
            shared.linears.add(linear);
        }
    }

    /** In the order in which inputs came. */
    List<Shared> shared() {
        return List.copyOf(all);
    }

    @Override
    public void close() {
        all.forEach(shared -> shared.statistics.close());
    }
}
