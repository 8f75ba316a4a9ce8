package dev.espalier.tensors.combine;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.FloatSink;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The one kernel behind every rule but stacking: the masked weighted mean.
 *
 * <pre>
 *   new[j] = sum_k w_k[j] m_k[j] v_k[j] / sum_k w_k[j] m_k[j]
 *
 *   nobody responded at all                 -> previous[j]
 *   nobody contributed to j (all m_k[j]=0)  -> the fallback
 *   all contributors to j weigh 0           -> their plain mean
 * </pre>
 *
 * <p>Work is split over blocks of elements, never over agents. Within an element, agents are added
 * in ascending order of their names, in double, and the result is rounded once: its bytes depend
 * neither on the order of arrival nor on the number of threads. {@link ReferenceMaskedMean} is the
 * specification. Safe for many threads.
 */
public final class MaskedMean {

    /** Elements per block: the workspace of a thread then stays within its cache. */
    static final int BLOCK = 4096;

    private final Executor executor;
    private final int parallelism;

    /**
     * @param executor runs all workers but one; the calling thread is the first
     * @param parallelism how many workers at most
     */
    public MaskedMean(Executor executor, int parallelism) {
        if (parallelism < 1) {
            throw new IllegalArgumentException("parallelism must be at least 1: " + parallelism);
        }
        this.executor = executor;
        this.parallelism = parallelism;
    }

    /** Works in the calling thread alone. */
    public static MaskedMean sequential() {
        return new MaskedMean(Runnable::run, 1);
    }

    /**
     * Combines one tensor.
     *
     * @param shape of the whole tensor, and of every contribution
     * @param previous the tensor's elements before; read only where they are needed
     * @param contributions of the responders for this tensor, in any order
     * @param result receives each element once
     * @throws IllegalArgumentException if a contribution has another shape or an agent contributes
     *     twice
     */
    public void combine(
            Shape shape,
            FloatReader previous,
            List<Contribution> contributions,
            Fallback fallback,
            FloatSink result)
            throws IOException {
        run(shape, previous, contributions, fallback, result, null);
    }

    /**
     * Combines one tensor and counts.
     *
     * @param counts receives, for each element once, how many contributed to it
     */
    public void combine(
            Shape shape,
            FloatReader previous,
            List<Contribution> contributions,
            Fallback fallback,
            FloatSink result,
            CountSink counts)
            throws IOException {
        run(shape, previous, contributions, fallback, result, counts);
    }

    private void run(
            Shape shape,
            FloatReader previous,
            List<Contribution> contributions,
            Fallback fallback,
            FloatSink result,
            @Nullable CountSink counts)
            throws IOException {
        List<Contribution> ordered = ordered(shape, contributions);
        long elements = shape.elements();
        new BlockWorkers(executor, parallelism)
                .run(
                        Math.ceilDiv(elements, (long) BLOCK),
                        () -> {
                            BlockMean mean = new BlockMean(ordered, previous, fallback, BLOCK);
                            return block -> {
                                long from = block * BLOCK;
                                int n = (int) Math.min(BLOCK, elements - from);
                                result.write(from, mean.mean(from, n), 0, n);
                                if (counts != null) {
                                    counts.write(from, counted(mean, from, n), 0, n);
                                }
                            };
                        });
    }

    private static int[] counted(BlockMean mean, long from, int n) {
        int[] counted = new int[n];
        mean.counts(from, n, counted);
        return counted;
    }

    private static List<Contribution> ordered(Shape shape, List<Contribution> contributions) {
        List<Contribution> ordered =
                contributions.stream().sorted(Comparator.comparing(Contribution::agent)).toList();
        for (int i = 0; i < ordered.size(); i++) {
            Contribution one = ordered.get(i);
            if (!one.tensor().shape().equals(shape)) {
                throw new IllegalArgumentException(
                        "%s contributes %s to a tensor of shape %s"
                                .formatted(one.agent(), one.tensor().shape(), shape));
            }
            if (i > 0 && one.agent().equals(ordered.get(i - 1).agent())) {
                throw new IllegalArgumentException(one.agent() + " contributes twice");
            }
        }
        return ordered;
    }
}
