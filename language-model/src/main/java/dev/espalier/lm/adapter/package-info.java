/**
 * Low-rank adapters (LoRA, Hu et al. 2021): which layers they sit on, their values, their effect,
 * their files.
 *
 * <p>May enter: PEFT's rules, names and folder layout; trained copies of a task head, which PEFT
 * stores beside an adapter. <br>
 * Stays outside: how values are trained; what a transformer computes between its linear layers.
 * <br>
 * Knocks on: {@code family} for the parts of a model, {@code compute}, {@code weights}.
 */
@NullMarked
package dev.espalier.lm.adapter;

import org.jspecify.annotations.NullMarked;
