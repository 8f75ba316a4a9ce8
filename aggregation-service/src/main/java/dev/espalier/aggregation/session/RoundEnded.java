package dev.espalier.aggregation.session;

import dev.espalier.protocol.RoundId;

/** A round is published, void or cancelled: its updates are no longer needed. */
public record RoundEnded(RoundId round) {}
