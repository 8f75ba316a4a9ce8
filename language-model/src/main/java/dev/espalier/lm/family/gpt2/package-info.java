/**
 * GPT-2 (Radford et al. 2019).
 *
 * <p>May enter: its configuration, its names, its equations. <br>
 * Stays outside: everything that other families share; that is in {@code family}.
 */
@NullMarked
package dev.espalier.lm.family.gpt2;

import org.jspecify.annotations.NullMarked;
