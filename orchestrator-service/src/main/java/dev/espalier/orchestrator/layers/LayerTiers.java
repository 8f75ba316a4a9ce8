package dev.espalier.orchestrator.layers;

import dev.espalier.orchestrator.selection.Minimum;
import dev.espalier.protocol.job.LayerSamplingSpec;
import dev.espalier.protocol.job.LayerSamplingSpec.Tier;
import dev.espalier.protocol.work.Capabilities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which share of the layers an agent prunes, by what it told that it can do. */
public final class LayerTiers {

    /** The tiers of a job that samples no layers: everybody prunes all. */
    private static final List<Tier> ALL = List.of(new Tier(BigDecimal.ONE, null, null, null));

    private final List<Tier> tiers;

    /**
     * @param spec absent: every client prunes all layers
     */
    public LayerTiers(@Nullable LayerSamplingSpec spec) {
        this.tiers = spec == null ? ALL : spec.tiers();
    }

    /** That of the first tier whose conditions the agent meets; empty if it meets none. */
    public Optional<BigDecimal> ratio(Capabilities can) {
        return tiers.stream()
                .filter(tier -> minimum(tier).isMetBy(can))
                .findFirst()
                .map(Tier::ratio);
    }

    /** Why an agent prunes nothing, in words that follow its name; empty if it does. */
    public Optional<String> objection(Capabilities can) {
        return ratio(can).isPresent()
                ? Optional.empty()
                : Optional.of(
                        Minimum.offered(can)
                                + ", which meets no tier of the job: "
                                + tiers.stream()
                                        .map(LayerTiers::inWords)
                                        .collect(Collectors.joining("; ")));
    }

    private static String inWords(Tier tier) {
        return "a share of %s of the layers needs %s"
                .formatted(tier.ratio(), minimum(tier).inWords());
    }

    public static Minimum minimum(Tier tier) {
        return new Minimum(
                tier.minMemoryBytes(), tier.minUplinkBytesPerSecond(), tier.minProcessors());
    }
}
