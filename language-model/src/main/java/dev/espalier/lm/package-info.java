@NullMarked
package dev.espalier.lm;

import org.jspecify.annotations.NullMarked;
