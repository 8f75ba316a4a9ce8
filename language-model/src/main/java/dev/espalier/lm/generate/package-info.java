/**
 * Continuing texts: which tokens a model would write next.
 *
 * <p>May enter: ways to search for a good continuation. <br>
 * Stays outside: training, how good a text is, files. <br>
 * Knocks on: {@code base} for a model, {@code adapter} for what lies over it.
 */
@NullMarked
package dev.espalier.lm.generate;

import org.jspecify.annotations.NullMarked;
