package dev.espalier.agent.data;

import org.jspecify.annotations.Nullable;

/**
 * A row that can be worked with.
 *
 * @param label as jobs call it; this alone is not private
 */
record LabelledRow(PrivateText text, @Nullable PrivateText secondText, String label) {}
