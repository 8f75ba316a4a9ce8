/**
 * BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019), which have the same layers.
 *
 * <p>May enter: their configuration, their names, their equations. <br>
 * Stays outside: everything that other families share; that is in {@code family}.
 */
@NullMarked
package dev.espalier.lm.family.bert;

import org.jspecify.annotations.NullMarked;
