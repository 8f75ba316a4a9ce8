/**
 * Language models of a few families, run and fine-tuned in-process on DJL's PyTorch engine.
 *
 * <p>May enter: nothing; the rooms below hold the code. From the ground up: {@code compute}, {@code
 * weights}, {@code tokens}, {@code family}, {@code adapter}, {@code base}, {@code metric}, {@code
 * train}, {@code generate}; each knows only rooms named before it. <br>
 * Stays outside: the network, Spring, and everything about federations.
 */
@NullMarked
package dev.espalier.lm;

import org.jspecify.annotations.NullMarked;
