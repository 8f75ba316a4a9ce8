/**
 * Labelled text for a federation on one machine: fetched or found, cleaned, kept apart and dealt
 * out to providers who share none of it.
 *
 * <p>May enter: mail and its text, near-duplicates, the held-out share, the draw of who holds what,
 * the files that agents read. <br>
 * Stays outside: models, services, HTTP, any chance that is not a seed.
 */
@NullMarked
package dev.espalier.local.corpus;

import org.jspecify.annotations.NullMarked;
