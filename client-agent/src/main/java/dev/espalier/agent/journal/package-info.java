/**
 * What an agent remembers over a crash: its assignment, how far it got, what waits to be sent.
 *
 * <p>May enter: files of one agent, written whole or not at all. <br>
 * Stays outside: the network; what the files mean to a trainer.
 */
@NullMarked
package dev.espalier.agent.journal;

import org.jspecify.annotations.NullMarked;
