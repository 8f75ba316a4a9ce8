/**
 * A real PostgreSQL behind tests: a container where Docker answers, else the embedded binaries.
 *
 * <p>May enter: the one place where that is chosen. <br>
 * Stays outside: what is tested.
 */
@NullMarked
package dev.espalier.postgres.testing;

import org.jspecify.annotations.NullMarked;
