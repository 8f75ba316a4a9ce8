/**
 * OPT (Zhang et al. 2022).
 *
 * <p>May enter: its configuration, its names, its equations. <br>
 * Stays outside: everything that other families share; that is in {@code family}.
 */
@NullMarked
package dev.espalier.lm.family.opt;

import org.jspecify.annotations.NullMarked;
