/**
 * How sparse models that clients pruned become one (algorithms.md C.3): a mean over those who kept
 * a weight, and a mask that is brought to one sparsity.
 *
 * <p>May enter: which matrices of a base may be pruned, what clients kept of each, and the files
 * that come out. Pure: files in, files out; memory is that of one matrix, whatever the size of the
 * model or the number of clients. <br>
 * Stays outside: sessions, HTTP, the registry, any check of an update; what comes here counts.
 * Adapters never. <br>
 * Knocks on: nobody in this service.
 */
@NullMarked
package dev.espalier.aggregation.sparse;

import org.jspecify.annotations.NullMarked;
