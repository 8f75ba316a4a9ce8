/**
 * The demo: mail providers train one spam filter and show nobody their mail, and what that is worth
 * beside training alone and beside pooling all mail.
 *
 * <p>May enter: the story, its hyper-parameters, its baselines, its display and its report. <br>
 * Stays outside: anything a user of the platform would miss if the demo were gone. <br>
 * Knocks on: {@code corpus}, {@code federation}, {@code platform}, {@code display}.
 */
@NullMarked
package dev.espalier.local.demo;

import org.jspecify.annotations.NullMarked;
