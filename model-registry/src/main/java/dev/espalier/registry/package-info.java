@NullMarked
package dev.espalier.registry;

import org.jspecify.annotations.NullMarked;
