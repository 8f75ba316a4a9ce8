@NullMarked
package dev.espalier.problem;

import org.jspecify.annotations.NullMarked;
