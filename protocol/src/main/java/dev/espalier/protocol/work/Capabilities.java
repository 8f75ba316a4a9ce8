package dev.espalier.protocol.work;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an agent can do.
 *
 * @param families model families it can load, for example {@code bert}
 * @param memoryBytes what it may use
 * @param uplinkBytesPerSecond what its owner lets it send; absent: not told
 * @param device {@code cpu} or {@code cuda}
 * @param software name and version of the agent's program
 */
public record Capabilities(
        @NotNull @Size(min = 1) Set<@NotNull AgentRole> roles,
        @NotNull @Size(max = 100) List<@Valid @NotNull DataOffer> data,
        @NotNull @Size(max = 100) Set<@NotNull @Size(min = 1, max = 63) String> families,
        @Positive long memoryBytes,
        @Positive int processors,
        @Positive @Nullable Long uplinkBytesPerSecond,
        @NotNull @Size(min = 1, max = 63) String device,
        @NotNull @Size(min = 1, max = 100) String software) {}
