/**
 * Movable names for versions, such as {@code champion}.
 *
 * <p>May enter: the rule by which an alias may move, and its HTTP side. <br>
 * Stays outside: what the versions are. {@code latest} is no business of this room: it follows
 * publishing by itself.
 */
@NullMarked
package dev.espalier.registry.alias;

import org.jspecify.annotations.NullMarked;
