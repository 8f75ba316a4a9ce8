@NullMarked
package dev.espalier.agent;

import org.jspecify.annotations.NullMarked;
