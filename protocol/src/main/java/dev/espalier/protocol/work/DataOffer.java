package dev.espalier.protocol.work;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.TaskKind;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * Data that an agent can work on; all a server ever learns of it.
 *
 * @param labels the labels its rows carry
 * @param trainRows rows to train on
 * @param heldOutRows rows kept for evaluation
 */
public record DataOffer(
        @NotNull DataName name,
        @NotNull TaskKind task,
        @NotNull @Size(max = 1000) List<@NotNull @Size(min = 1, max = 100) String> labels,
        @PositiveOrZero @Max(Bounds.EXAMPLES) long trainRows,
        @PositiveOrZero @Max(Bounds.EXAMPLES) long heldOutRows) {

    public DataOffer {
        labels = labels == null ? List.of() : List.copyOf(labels);
    }
}
