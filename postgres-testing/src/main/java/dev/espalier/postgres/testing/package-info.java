@NullMarked
package dev.espalier.postgres.testing;

import org.jspecify.annotations.NullMarked;
