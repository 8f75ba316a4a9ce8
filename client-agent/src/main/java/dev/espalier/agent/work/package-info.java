/**
 * Work on an assignment: from versions and token ids to an update or a measurement.
 *
 * <p>May enter: training and evaluating, resuming, telling how far it is, saying why it failed.
 * <br>
 * Stays outside: text (only {@code data} sees it), HTTP. <br>
 * Knocks on: {@code data} for examples, {@code model} for versions, {@code journal}, {@code
 * upload}.
 */
@NullMarked
package dev.espalier.agent.work;

import org.jspecify.annotations.NullMarked;
