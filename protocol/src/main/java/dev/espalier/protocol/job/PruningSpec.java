package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

/**
 * What every client leaves out of a round.
 *
 * @param heads absent: every attention head is trained
 */
@Schema(description = "What every client leaves out of a round.")
public record PruningSpec(@Valid @Nullable HeadPruningSpec heads) {}
