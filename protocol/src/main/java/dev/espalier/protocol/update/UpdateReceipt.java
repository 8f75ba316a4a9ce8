package dev.espalier.protocol.update;

import dev.espalier.protocol.Digest;

/**
 * The update counts, and is stored.
 *
 * @param repeated the same bytes were held already
 */
public record UpdateReceipt(Digest digest, boolean repeated) {}
