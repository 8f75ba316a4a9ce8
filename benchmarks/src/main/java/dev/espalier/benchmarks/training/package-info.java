/**
 * What whole training steps of a real model cost, in processor time, beside what they have to be
 * compared with. Each measurement writes the page with its own table.
 *
 * <p>May enter: contenders, the clock, the pages. <br>
 * Stays outside: proofs that results are right; those are tests of {@code language-model}. <br>
 * Knocks on: {@code language-model}, and a Python with PyTorch where there is one.
 */
@NullMarked
package dev.espalier.benchmarks.training;

import org.jspecify.annotations.NullMarked;
