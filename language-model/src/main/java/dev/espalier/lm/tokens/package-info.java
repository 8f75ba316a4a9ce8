/**
 * From text to token ids.
 *
 * <p>May enter: {@code tokenizer.json}, truncation, pairs of texts. Text goes in here and nowhere
 * else in this library; what comes out does not print its content. <br>
 * Stays outside: where texts come from; native arrays.
 */
@NullMarked
package dev.espalier.lm.tokens;

import org.jspecify.annotations.NullMarked;
