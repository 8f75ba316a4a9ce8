package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many rank-1 components of every module a client trains, from what it told it can do. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "by")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RankAllotment.Tiers.class, name = "TIERS"),
    @JsonSubTypes.Type(value = RankAllotment.Budget.class, name = "BUDGET")
})
@Schema(
        discriminatorProperty = "by",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "TIERS", schema = RankAllotment.Tiers.class),
            @DiscriminatorMapping(value = "BUDGET", schema = RankAllotment.Budget.class)
        },
        oneOf = {RankAllotment.Tiers.class, RankAllotment.Budget.class})
public sealed interface RankAllotment {

    /**
     * The first tier whose conditions a client meets; one that meets none is left out of the round.
     *
     * @param tiers strongest first
     */
    @Schema(
            name = "RankTiers",
            description = "The first tier whose conditions a client meets; strongest first.")
    record Tiers(@NotNull @Size(min = 1, max = 32) List<@Valid @NotNull Tier> tiers)
            implements RankAllotment {

        public Tiers {
            tiers = tiers == null ? List.of() : List.copyOf(tiers);
        }
    }

    /**
     * @param rank components of every module, at most the adapter's rank
     * @param minUplinkBytesPerSecond who does not tell its uplink does not meet it
     */
    @Schema(name = "RankTier")
    record Tier(
            @Schema(example = "8") @Min(1) @Max(1024) int rank,
            @Positive @Nullable Long minMemoryBytes,
            @Positive @Nullable Long minUplinkBytesPerSecond,
            @Positive @Nullable Integer minProcessors) {}

    /**
     * The largest rank whose upload, task head included, fits; one at least. Exactly one of both.
     *
     * @param uploadBytes for one update (algorithms.md D.6)
     * @param uploadSeconds of a client's own uplink; one that does not tell it gets the whole rank
     */
    @Schema(
            name = "RankBudget",
            description = "The largest rank whose upload fits into so many bytes or seconds.")
    record Budget(
            @Schema(example = "200000") @Positive @Nullable Long uploadBytes,
            @Schema(example = "10") @Positive @DecimalMax("1000000") @Nullable Double uploadSeconds)
            implements RankAllotment {}
}
