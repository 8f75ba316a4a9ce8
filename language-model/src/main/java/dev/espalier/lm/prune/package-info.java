/**
 * Makes the linear layers of a pretrained model sparse, each client with its own texts and without
 * a gradient (algorithms.md C.3 step 3, C.4).
 *
 * <p>A <em>mask</em> says 1 = kept, 0 = dropped. Only linear layers inside a model's layers are
 * pruned; never embeddings, heads, norms or biases.
 *
 * <p>May enter: pruners, what they have to know of a layer's inputs, and the walk of calibration
 * texts through the layers. <br>
 * Stays outside: training, the merging of several clients' masks, and every form in which a mask
 * travels. <br>
 * Knocks on: {@code base} for models, {@code family} for their layers, {@code cost} for what it
 * took.
 */
@NullMarked
package dev.espalier.lm.prune;

import org.jspecify.annotations.NullMarked;
