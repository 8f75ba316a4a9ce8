/**
 * LLaMA (Touvron et al. 2023).
 *
 * <p>May enter: its configuration, its names, its equations. <br>
 * Stays outside: everything that other families share; that is in {@code family}.
 */
@NullMarked
package dev.espalier.lm.family.llama;

import org.jspecify.annotations.NullMarked;
