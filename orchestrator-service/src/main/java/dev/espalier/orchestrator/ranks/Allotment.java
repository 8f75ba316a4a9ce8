package dev.espalier.orchestrator.ranks;

import dev.espalier.orchestrator.selection.Minimum;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankAllotment.Tier;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Capabilities;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a phase shares out the components of its adapter: by tiers, or by the largest rank whose
 * upload fits into a budget of bytes or of seconds (ours; algorithms.md B.4 step 2 names resource
 * tiers).
 */
public final class Allotment {

    /** How values are sent where a client does not tell the uplink by which they would be cut. */
    private static final UploadPlan IN_FULL = new UploadPlan(32, null);

    /** What a budget starts every component with (algorithms.md B.5). */
    private static final int FEWEST_BITS = 4;

    private final PhaseSpec.FineTune work;
    private final UploadSize size;

    public Allotment(PhaseSpec.FineTune work, AdapterLayout layout) {
        this.work = work;
        this.size = new UploadSize(layout, work.adapter().rank(), variant(work));
    }

    private static RankSpec.Variant variant(PhaseSpec.FineTune work) {
        return work.ranks() == null ? RankSpec.Variant.HOMOGENEOUS : work.ranks().variant();
    }

    /** Why an agent is allotted nothing, in words that follow its name; empty if it is. */
    public Optional<String> objection(Capabilities can) {
        if (!(rule() instanceof RankAllotment.Tiers tiers) || tier(tiers, can).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(
                Minimum.offered(can)
                        + ", which meets no tier of the job: "
                        + tiers.tiers().stream()
                                .map(Allotment::inWords)
                                .collect(Collectors.joining("; ")));
    }

    private static String inWords(Tier tier) {
        return "rank %d needs %s".formatted(tier.rank(), minimum(tier).inWords());
    }

    private static Minimum minimum(Tier tier) {
        return new Minimum(
                tier.minMemoryBytes(), tier.minUplinkBytesPerSecond(), tier.minProcessors());
    }

    /**
     * What an agent gets to which there is no objection.
     *
     * @throws IllegalArgumentException if there is one
     */
    public Share share(AgentName agent, Capabilities can) {
        UploadPlan upload = upload(work.quantisation(), can.uplinkBytesPerSecond());
        return new Share(agent, rank(can, upload), upload);
    }

    private static @Nullable UploadPlan upload(
            @Nullable QuantisationSpec quantisation, @Nullable Long uplink) {
        if (quantisation == null) {
            return null;
        }
        Double seconds = quantisation.budgetSeconds();
        if (seconds == null) {
            return new UploadPlan(quantisation.bits(), quantisation.budgetBytes());
        }
        return uplink == null ? IN_FULL : new UploadPlan(null, (long) (seconds * uplink));
    }

    private int rank(Capabilities can, @Nullable UploadPlan upload) {
        return switch (rule()) {
            case null -> work.adapter().rank();
            case RankAllotment.Tiers tiers ->
                    tier(tiers, can)
                            .map(Tier::rank)
                            .orElseThrow(() -> new IllegalArgumentException("it meets no tier"));
            case RankAllotment.Budget budget ->
                    size.largestRank(bytes(budget, can.uplinkBytesPerSecond()), bits(upload));
        };
    }

    /** Absent where every client trains all. */
    private @Nullable RankAllotment rule() {
        return variant(work) == RankSpec.Variant.HOMOGENEOUS || work.ranks() == null
                ? null
                : work.ranks().allotment();
    }

    private static Optional<Tier> tier(RankAllotment.Tiers tiers, Capabilities can) {
        return tiers.tiers().stream().filter(tier -> minimum(tier).isMetBy(can)).findFirst();
    }

    /** Who does not tell its uplink has any number of bytes. */
    private static long bytes(RankAllotment.Budget budget, @Nullable Long uplink) {
        if (budget.uploadBytes() != null) {
            return budget.uploadBytes();
        }
        return budget.uploadSeconds() == null || uplink == null
                ? Long.MAX_VALUE
                : (long) (budget.uploadSeconds() * uplink);
    }

    /** Of a component; where a byte budget decides, the fewest, so that the components fit. */
    private static int bits(@Nullable UploadPlan upload) {
        if (upload == null) {
            return UploadSize.F32;
        }
        return upload.bits() == null ? FEWEST_BITS : upload.bits();
    }
}
