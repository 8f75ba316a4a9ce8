package dev.espalier.protocol.job;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened to a job. Stored before it is sent, so a stream can be resumed after any
 * event.
 *
 * @param sequence ascending within the job; the SSE id
 * @param type for programs, for example {@code round-started}, {@code update-accepted}, {@code
 *     job-completed}
 * @param message for people
 * @param data names and numbers of this event
 */
public record JobEvent(
        long sequence, Instant at, String type, String message, Map<String, Object> data) {}
