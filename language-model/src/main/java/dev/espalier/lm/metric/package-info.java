/**
 * How good predictions are, as the usual tools count it.
 *
 * <p>May enter: pure arithmetic on counts and losses. <br>
 * Stays outside: models, native arrays, text.
 */
@NullMarked
package dev.espalier.lm.metric;

import org.jspecify.annotations.NullMarked;
