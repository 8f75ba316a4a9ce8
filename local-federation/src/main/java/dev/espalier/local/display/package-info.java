/**
 * What the person at the terminal sees: lines, a block that is redrawn where the terminal can, and
 * numbers written for people.
 *
 * <p>May enter: text and its layout. <br>
 * Stays outside: where the numbers come from.
 */
@NullMarked
package dev.espalier.local.display;

import org.jspecify.annotations.NullMarked;
