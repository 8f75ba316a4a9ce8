package dev.espalier.lm.family;

/**
 * One multi-head attention sublayer. Head {@code h} owns rows {@code h * headSize} up to {@code (h
 * + 1) * headSize} of query, key and value, and the columns of output with these numbers.
 *
 * @param name path of the sublayer, such as {@code bert.encoder.layer.0.attention}
 * @param query path of the linear layer
 * @param key path of the linear layer
 * @param value path of the linear layer
 * @param output path of the linear layer
 */
public record AttentionBlock(
        String name,
        int heads,
        int headSize,
        String query,
        String key,
        String value,
        String output) {}
