/**
 * A pretrained model ready for work: one folder, opened once, shared by everybody in the process.
 *
 * <p>May enter: choosing the family, holding weights and tokenizer together, writing a model folder
 * with an adapter merged in. <br>
 * Stays outside: training. <br>
 * Knocks on: {@code family}, {@code weights}, {@code tokens}, {@code adapter}.
 */
@NullMarked
package dev.espalier.lm.base;

import org.jspecify.annotations.NullMarked;
