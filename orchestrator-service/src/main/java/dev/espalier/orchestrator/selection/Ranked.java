package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * One who can be chosen.
 *
 * @param key what a seeded draw compared, smallest first
 * @param score what the policy compared, largest first; absent where it compares none, or where the
 *     candidate has no loss of its own
 * @param why in words
 */
record Ranked(Candidate candidate, @Nullable Double key, @Nullable Double score, String why) {}
