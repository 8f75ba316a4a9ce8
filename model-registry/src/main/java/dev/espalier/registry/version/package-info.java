/**
 * Versions: published once, never changed; with their files, lineage and metrics.
 *
 * <p>May enter: what a publication must fulfil, manifests, and what was measured of a version. <br>
 * Stays outside: how bytes are kept, what they mean, and when anybody publishes. <br>
 * Knocks on: {@code model} (for the next number), {@code blob} (for what was uploaded).
 */
@NullMarked
package dev.espalier.registry.version;

import org.jspecify.annotations.NullMarked;
