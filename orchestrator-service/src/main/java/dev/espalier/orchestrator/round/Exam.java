package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.protocol.DataName;

/**
 * One data set on which a round's version is to be evaluated.
 *
 * @param kind EVALUATE; EVALUATE_AT_CLIENTS for data that clients hold out; EVALUATE_FINALLY for
 *     data that only the last version is shown
 */
public record Exam(Piece.Kind kind, DataName data) {}
