/**
 * Which attention heads matter: scores of heads, and the choice that follows from them.
 *
 * <p>May enter: rankings of heads (confidence, magnitude, chance) and rules that turn a ranking and
 * a sparsity into a {@link dev.espalier.lm.family.HeadMask}. <br>
 * Stays outside: how heads are removed (that is in {@code family} and {@code base}); rankings that
 * need a loss (those are in {@code train}). <br>
 * Knocks on: {@code base}, {@code family}, {@code adapter}, {@code tokens}.
 */
@NullMarked
package dev.espalier.lm.head;

import org.jspecify.annotations.NullMarked;
