/**
 * How good predictions are, as the usual tools count it.
 *
 * <p>May enter: pure arithmetic on counts and losses; a text for as long as it takes to count its
 * words. <br>
 * Stays outside: models, native arrays, keeping text.
 */
@NullMarked
package dev.espalier.lm.metric;

import org.jspecify.annotations.NullMarked;
