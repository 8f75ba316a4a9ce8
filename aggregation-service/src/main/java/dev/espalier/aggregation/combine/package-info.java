/**
 * How updates become one: rules as short classes over the one kernel.
 *
 * <p>May enter: what a rule gives each tensor of each client, and the file that comes out. Pure:
 * files in, file out. <br>
 * Stays outside: sessions, HTTP, the registry, any check of an update; what comes here counts. <br>
 * Knocks on: nobody in this service.
 */
@NullMarked
package dev.espalier.aggregation.combine;

import org.jspecify.annotations.NullMarked;
