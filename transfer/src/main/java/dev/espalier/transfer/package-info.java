@NullMarked
package dev.espalier.transfer;

import org.jspecify.annotations.NullMarked;
