package dev.espalier.protocol.model;

import dev.espalier.protocol.ModelName;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/** Asks for a model, a named row of versions. Asking again for the same is free. */
public record CreateModel(@NotNull ModelName name, @NotNull @Size(max = 2000) String description) {}
