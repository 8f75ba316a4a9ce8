package dev.espalier.lm.family;

/**
 * One multi-head attention sublayer. Head {@code h} owns rows {@code h * headSize} up to {@code (h
 * + 1) * headSize} of query, and the columns of output with these numbers. Keys and values are the
 * same for {@code heads / keyValueHeads} neighbouring heads, so head {@code h} owns the rows of
 * number {@code h * keyValueHeads / heads} of key and value.
 *
 * <p>Where one layer makes all three, as in GPT-2, its rows are those of query, then key, then
 * value.
 *
 * @param kind who asks whom
 * @param name path of the sublayer, such as {@code bert.encoder.layer.0.attention}
 * @param keyValueHeads as many as heads, unless several heads share keys and values
 * @param query path of the linear layer
 * @param key path of the linear layer
 * @param value path of the linear layer
 * @param output path of the linear layer
 */
public record AttentionBlock(
        AttentionKind kind,
        String name,
        int heads,
        int keyValueHeads,
        int headSize,
        String query,
        String key,
        String value,
        String output) {

    /** Every head has keys and values of its own. */
    public AttentionBlock(
            AttentionKind kind,
            String name,
            int heads,
            int headSize,
            String query,
            String key,
            String value,
            String output) {
        this(kind, name, heads, heads, headSize, query, key, value, output);
    }
}
