package dev.espalier.protocol.model;

import dev.espalier.protocol.Digest;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;

/**
 * One file of a version.
 *
 * @param path relative, with forward slashes and without dot segments, for example {@code
 *     model.safetensors}
 * @param size in bytes
 */
public record VersionFile(
        @NotNull @Pattern(regexp = PATH, message = "must be a relative path of plain names")
                String path,
        @NotNull Digest digest,
        @PositiveOrZero long size) {

    /**
     * What the aggregation service carries from version to version, as large as an adapter. No
     * agent needs it, so none fetches it.
     */
    public static final String AGGREGATION_STATE = "aggregation_state.safetensors";

    /** Up to eight plain names; no name begins with a dot, so none climbs out of its folder. */
    public static final String PATH =
            "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,7}";
}
