package dev.espalier.agent.data;

import org.jspecify.annotations.Nullable;

/**
 * A row as it was found. Even its label and group are private until they are understood: a wrong
 * column number makes a text of them.
 *
 * @param position its line, or the number of its file
 * @param answer its label, or the text that is to be written; empty where rows are texts alone
 */
record RawRow(
        long position,
        PrivateText text,
        @Nullable PrivateText secondText,
        PrivateText answer,
        @Nullable PrivateText group) {}
