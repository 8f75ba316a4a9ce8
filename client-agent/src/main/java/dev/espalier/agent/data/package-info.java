/**
 * The owner's text: found, read, labelled, split and turned into token ids.
 *
 * <p>May enter: file formats, label maps, held-out splits, everything that must see text. <br>
 * Stays outside: the network. Text leaves this room as token ids and in no other form; what is
 * wrong with a row is told by its line and a word of {@link dev.espalier.agent.data.BadRows.Fault}.
 */
@NullMarked
package dev.espalier.agent.data;

import org.jspecify.annotations.NullMarked;
