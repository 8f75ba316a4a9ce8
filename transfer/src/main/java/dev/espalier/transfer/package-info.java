/**
 * Large files over HTTP, so that a broken connection costs a piece and not the file.
 *
 * <p>May enter: resumable uploads and range downloads by the JDK's client, growing files on the
 * server's side, digests. <br>
 * Stays outside: what the files mean, Spring, servlets. <br>
 * The wire format is in docs/protocol.md, "Large bodies".
 */
@NullMarked
package dev.espalier.transfer;

import org.jspecify.annotations.NullMarked;
