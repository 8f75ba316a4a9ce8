package dev.espalier.protocol.work;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;

/** An agent asks for work and says what it can do now. */
public record Poll(@Valid @NotNull Capabilities capabilities) {}
