package dev.espalier.protocol.model;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;

/** Where an alias points now. */
public record AliasView(ModelName model, AliasName alias, int version) {}
