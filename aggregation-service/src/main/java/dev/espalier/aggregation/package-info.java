@NullMarked
package dev.espalier.aggregation;

import org.jspecify.annotations.NullMarked;
