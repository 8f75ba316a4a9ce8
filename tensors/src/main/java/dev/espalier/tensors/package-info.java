@NullMarked
package dev.espalier.tensors;

import org.jspecify.annotations.NullMarked;
