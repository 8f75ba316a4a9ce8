@NullMarked
package dev.espalier.protocol;

import org.jspecify.annotations.NullMarked;
