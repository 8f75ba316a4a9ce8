/**
 * The one law of aggregation, the masked weighted mean, fast and slow.
 *
 * <p>May enter: arithmetic over contributions that were checked before. <br>
 * Stays outside: files, who is in the cohort, how a weight came about, and rules built on top of
 * the mean. <br>
 * Knocks on: {@code masked}.
 */
@NullMarked
package dev.espalier.tensors.combine;

import org.jspecify.annotations.NullMarked;
