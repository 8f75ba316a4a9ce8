package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import java.util.List;

/**
 * Bytes of one client's update that holds some components of every target module, with the task
 * head and all heads (algorithms.md D.6).
 */
final class UploadSize {

    static final int F32 = 32;

    /** Two f32 scales of a quantised component: one of its row of A, one of its column of B. */
    private static final int SCALES = 8;

    /** The number of examples and two losses. */
    private static final int SCALARS = 3 * 8;

    /** A prefix needs no mask, only its length. */
    private static final int PREFIX_LENGTH = 4;

    private final List<AdapterTensor> factors;
    private final long taskHead;
    private final int rank;
    private final RankSpec.Variant variant;

    UploadSize(AdapterLayout layout, int rank, RankSpec.Variant variant) {
        this.factors =
                layout.tensors().stream().filter(tensor -> !tensor.kind().isTaskHead()).toList();
        this.taskHead = layout.taskHeadBytes();
        this.rank = rank;
        this.variant = variant;
    }

    /**
     * @param components of every module, from 1 to the rank
     * @param bits 4, 8, 16 or 32
     */
    long bytes(int components, int bits) {
        long values = factors.stream().mapToLong(tensor -> vector(tensor, bits)).sum();
        long modules = factors.size() / 2;
        long scales = bits < 16 ? modules * SCALES : 0;
        return components * (values + scales) + mask(components, modules) + taskHead + SCALARS;
    }

    /** The values of one component in one factor: a row of A, or a column of B. */
    private long vector(AdapterTensor tensor, int bits) {
        return (tensor.elements() / rank * bits + 7) / 8;
    }

    private long mask(int components, long modules) {
        if (components == rank) {
            return 0;
        }
        return variant == RankSpec.Variant.PREFIX ? PREFIX_LENGTH : modules * ((rank + 7) / 8);
    }

    /** The largest that fits, at least 1. */
    int largestRank(long budget, int bits) {
        for (int components = rank; components > 1; components--) {
            if (bytes(components, bits) <= budget) {
                return components;
            }
        }
        return 1;
    }
}
