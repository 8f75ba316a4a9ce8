/**
 * Public data sets, dealt out to clients: read, cleaned, split and written as the files of agents.
 *
 * <p>May enter: file formats of data sets, and who holds which rows. <br>
 * Stays outside: what is trained on them.
 */
@NullMarked
package dev.espalier.benchmarks.dataset;

import org.jspecify.annotations.NullMarked;
