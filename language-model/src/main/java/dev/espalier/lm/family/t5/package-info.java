/**
 * T5 (Raffel et al. 2020).
 *
 * <p>May enter: its configuration, its names, its equations. <br>
 * Stays outside: everything that other families share; that is in {@code family}.
 */
@NullMarked
package dev.espalier.lm.family.t5;

import org.jspecify.annotations.NullMarked;
