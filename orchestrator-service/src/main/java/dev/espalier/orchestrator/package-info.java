@NullMarked
package dev.espalier.orchestrator;

import org.jspecify.annotations.NullMarked;
