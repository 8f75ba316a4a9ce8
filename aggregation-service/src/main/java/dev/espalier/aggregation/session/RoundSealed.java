package dev.espalier.aggregation.session;

import dev.espalier.protocol.RoundId;

/** A round waits to be combined. Said once that is stored; whoever misses it finds the row. */
public record RoundSealed(RoundId round) {}
