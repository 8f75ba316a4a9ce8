@NullMarked
package dev.espalier.postgres;

import org.jspecify.annotations.NullMarked;
