/**
 * The whole house in one JVM, and the program {@code espalier} that opens it.
 *
 * <p>May enter: the command line. <br>
 * Stays outside: anything a service or an agent should do itself. <br>
 * Knocks on: {@code demo}, {@code federation}, {@code platform}.
 */
@NullMarked
package dev.espalier.local;

import org.jspecify.annotations.NullMarked;
