/**
 * The seam between a kind of transformer and everything that is done with one.
 *
 * <p>May enter: what every family must give ({@link dev.espalier.lm.family.ModelFamily}), the
 * description of a model's parts, the context of a forward pass. One sub-package per family holds
 * its equations. <br>
 * Stays outside: training, files, how an adapter changes a linear layer. <br>
 * Knocks on: {@code compute}, {@code weights}, {@code tokens}.
 */
@NullMarked
package dev.espalier.lm.family;

import org.jspecify.annotations.NullMarked;
