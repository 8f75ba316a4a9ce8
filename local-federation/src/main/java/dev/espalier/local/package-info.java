@NullMarked
package dev.espalier.local;

import org.jspecify.annotations.NullMarked;
