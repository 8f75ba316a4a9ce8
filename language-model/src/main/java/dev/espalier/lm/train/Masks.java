package dev.espalier.lm.train;

import dev.espalier.lm.compute.Dropout;

/** Dropout of one forward pass, the adapter's and the model's own. */
record Masks(Dropout adapter, Dropout model) {

    static final Masks NONE = new Masks(Dropout.NONE, Dropout.NONE);
}
