/**
 * Calls to the model registry: manifests and files in, new versions out.
 *
 * <p>May enter: HTTP to the registry, what its refusals mean here, the cache of its files, which
 * files of a model are which. <br>
 * Stays outside: what tensors mean, and when to ask again. <br>
 * Knocks on: nobody in this service.
 */
@NullMarked
package dev.espalier.aggregation.neighbour;

import org.jspecify.annotations.NullMarked;
