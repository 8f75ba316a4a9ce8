/**
 * A real PostgreSQL server without installing one: the same binaries in the demo, on a laptop and
 * in tests.
 *
 * <p>May enter: starting, finding again and stopping the server. <br>
 * Stays outside: schemas and queries of the services.
 */
@NullMarked
package dev.espalier.postgres;

import org.jspecify.annotations.NullMarked;
