/**
 * The frame of an experiment: studies, their arms, and how the arms are run on a local federation,
 * each as an ordinary job over HTTP, in turns and resumably.
 *
 * <p>May enter: what is compared, in which order it runs, and the platform as seen from outside.
 * <br>
 * Stays outside: training and aggregation, which are the platform's own; reports and pictures.
 */
@NullMarked
package dev.espalier.benchmarks.experiment;

import org.jspecify.annotations.NullMarked;
